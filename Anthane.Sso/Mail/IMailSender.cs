namespace Anthane.Sso.Mail;

/// <summary>One mail, plain text.</summary>
internal sealed record Mail(string To, string Subject, string Text);

/// <summary>Brings a mail on its way, or throws; the outbox then tries again.</summary>
internal interface IMailSender
{
    Task SendAsync(Mail mail, CancellationToken cancellation);
}
