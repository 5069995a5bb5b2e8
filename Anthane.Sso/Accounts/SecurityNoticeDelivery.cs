using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Outbox;
using Anthane.Sso.Hosting;
using Anthane.Sso.Mail;

namespace Anthane.Sso.Accounts;

/// <summary>Words and mails what the engine has to tell a person about the safety of their account.</summary>
internal sealed class SecurityNoticeDelivery(AccountReader accounts, ClientAdmin clients, MailTexts texts, IMailSender sender, SsoSettings settings) : IOutboxDelivery
{
    private const string RefreshTokenReused = "refresh-token-reused";

    public string Kind => "security-notice";

    public async Task DeliverAsync(string payload, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(payload);
        var (notice, subject, client) = (Text(json, "notice"), Text(json, "subject"), Text(json, "client"));
        if (notice != RefreshTokenReused)
        {
            throw new InvalidOperationException($"No notice is called {notice}.");
        }

        // A server without mail has it in its audit log alone.
        if (settings.CanSendMail && await accounts.FindRowAsync(subject) is { Disabled: false, Email: { } email })
        {
            await sender.SendAsync(texts.AppEnded(email, (await clients.FindAsync(client))?.Name ?? client), cancellationToken);
        }
    }

    private static string Text(JsonDocument json, string name) => json.RootElement.GetProperty(name).GetString()!;
}
