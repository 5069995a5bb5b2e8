using System.Text.Json;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Outbox;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Anthane.Sso.Mail;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>What waits in the outbox for an address. It holds no link: links are made when the mail is written.</summary>
internal sealed record AccountMailOrder(string Kind, string Email, string? Name = null, string? PasswordHash = null, string? Request = null)
{
    public const string SignUp = "sign-up";
    public const string NewPassword = "new-password";
    public const string PasswordChanged = "password-changed";
}

/// <summary>
/// Looks up the address only here, after the person has been answered: the request does the same work whether there is an
/// account or not (AC-02). The order is protected, since it can hold the hash of a new password.
/// </summary>
internal sealed class AccountMailDelivery(
    StorageWriter writer,
    AccountLinks links,
    MailTexts texts,
    IMailSender sender,
    AuditLog audit,
    OutboxWriter outbox,
    IDataProtectionProvider protection,
    SsoSettings settings,
    TimeProvider clock) : IOutboxDelivery
{
    private readonly IDataProtector protector = protection.CreateProtector("account-mail");

    public string Kind => "mail";

    /// <summary>Puts an order into the outbox, in the caller's transaction; the caller saves.</summary>
    public void Add(OidcDb db, AccountMailOrder order) => outbox.Add(db, Kind, protector.Protect(JsonSerializer.Serialize(order)));

    public async Task DeliverAsync(string payload, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<AccountMailOrder>(protector.Unprotect(payload))!;
        var mail = order.Kind switch
        {
            AccountMailOrder.SignUp => await SignUpAsync(order),
            AccountMailOrder.NewPassword => await NewPasswordAsync(order),
            AccountMailOrder.PasswordChanged => texts.PasswordChanged(order.Email),
            _ => throw new InvalidOperationException($"No mail is called {order.Kind}."),
        };
        if (mail is not null)
        {
            await sender.SendAsync(mail, cancellationToken);
        }
    }

    private Task<Mail.Mail?> NewPasswordAsync(AccountMailOrder order) => writer.WriteAsync(async context =>
    {
        var db = (SsoDb)context.Context;
        var user = await FindAsync(db, order.Email);
        return user is null or { Disabled: true }
            ? null
            : texts.NewPassword(user.Email!, settings.Url("/account/password?token=" + await links.MakeAsync(db, user.Id, LinkPurpose.NewPassword)));
    });

    private Task<Mail.Mail> SignUpAsync(AccountMailOrder order) => writer.WriteAsync(async context =>
    {
        var db = (SsoDb)context.Context;
        var user = await FindAsync(db, order.Email);
        if (user is { Disabled: true } or { EmailConfirmed: true })
        {
            return texts.AlreadyThere(user.Email!);
        }

        if (user is null)
        {
            user = NewUser.Of(order.Email, order.Name!, clock.GetUtcNow());
            db.Users.Add(user);
            audit.Add(context, user.Id, "person.sign-up", user.Id);
        }

        // Until the address is verified nobody owns the account, and the newest password counts. Opening the link is not
        // enough: the page asks for that password, so nobody can make a stranger verify an account of theirs.
        user.PasswordHash = order.PasswordHash;
        user.Rename(order.Name!);
        user.RenewSecurityStamp();
        await db.SaveChangesAsync();
        var link = "/account/verify?token=" + await links.MakeAsync(db, user.Id, LinkPurpose.VerifyEmail);
        return texts.Verify(user.Email!, settings.Url(order.Request is null ? link : link + "&request=" + Uri.EscapeDataString(order.Request)));
    });

    private static Task<SsoUser?> FindAsync(SsoDb db, string email)
    {
        var name = EmailAddresses.Normalize(email);
        return db.Users.FirstOrDefaultAsync(user => user.NormalizedUserName == name);
    }
}
