using System.Net;
using System.Net.Mail;
using System.Text;
using Anthane.Sso.Hosting;

namespace Anthane.Sso.Mail;

/// <summary>Sends by SMTP, encrypted by STARTTLS unless the operator says otherwise.</summary>
internal sealed class SmtpSender(SsoSettings settings) : IMailSender
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task SendAsync(Mail mail, CancellationToken cancellation)
    {
        var smtp = settings.Options.Smtp;
        using var client = new SmtpClient(smtp.Host, smtp.Port) { EnableSsl = smtp.Tls };
        if (smtp.UserName.Length > 0)
        {
            client.Credentials = new NetworkCredential(smtp.UserName, smtp.Password);
        }

        using var message = new MailMessage(new MailAddress(smtp.From), new MailAddress(mail.To))
        {
            Subject = mail.Subject,
            Body = mail.Text,
            BodyEncoding = Encoding.UTF8,
            SubjectEncoding = Encoding.UTF8,
        };
        // Machines must not answer (RFC 3834 section 5).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        await client.SendMailAsync(message, patience.Token);
    }
}
