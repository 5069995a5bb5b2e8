namespace Anthane.Sso.Mail;

/// <summary>Without a mail server nothing that needs mail is offered, so this is reached only by what was ordered before SMTP was taken away.</summary>
internal sealed class NoMail : IMailSender
{
    public Task SendAsync(Mail mail, CancellationToken cancellation) =>
        throw new InvalidOperationException("There is no mail server. Set Sso:Smtp:Host and Sso:Smtp:From.");
}
