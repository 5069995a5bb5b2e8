using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Administration;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>How setting a new password ended.</summary>
public enum ResetStatus
{
    /// <summary>It is set; the person signs in with it now.</summary>
    Done,

    /// <summary>The password cannot be taken; the link still works.</summary>
    Invalid,

    /// <summary>The link was used, replaced by a newer one, or is over.</summary>
    LinkDead,

    /// <summary>No room for one more hash. Answer 503.</summary>
    Busy,
}

/// <summary>The answer to a new password.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Problems">What is wrong with the password.</param>
public sealed record ResetOutcome(ResetStatus Status, IReadOnlyList<FieldProblem> Problems);

/// <summary>How verifying an address ended.</summary>
public enum VerifyStatus
{
    /// <summary>The address is verified, and the person is signed in.</summary>
    Verified,

    /// <summary>The password is not the one that was chosen at sign-up.</summary>
    WrongPassword,

    /// <summary>The link was used, replaced by a newer one, or is over.</summary>
    LinkDead,

    /// <summary>Too many failures. Answer 429.</summary>
    TooMany,

    /// <summary>No room for one more hash. Answer 503.</summary>
    Busy,
}

/// <summary>What the mailed links lead to. Only a POST of these pages uses a link up.</summary>
public sealed class MailedLinks
{
    private readonly AccountLinks links;
    private readonly AccountReader accounts;
    private readonly AccountMailDelivery mail;
    private readonly PasswordWork passwords;
    private readonly SsoSignIn signIn;
    private readonly SessionAdmin sessions;
    private readonly AuditLog audit;
    private readonly StorageWriter writer;
    private readonly OutboxWriter outbox;
    private readonly SsoSettings settings;

    internal MailedLinks(
        AccountLinks links,
        AccountReader accounts,
        AccountMailDelivery mail,
        PasswordWork passwords,
        SsoSignIn signIn,
        SessionAdmin sessions,
        AuditLog audit,
        StorageWriter writer,
        OutboxWriter outbox,
        SsoSettings settings)
    {
        this.links = links;
        this.accounts = accounts;
        this.mail = mail;
        this.passwords = passwords;
        this.signIn = signIn;
        this.sessions = sessions;
        this.audit = audit;
        this.writer = writer;
        this.outbox = outbox;
        this.settings = settings;
    }

    /// <summary>Sets a new password. It does not sign in; it ends every session and grant, and tells the person by mail (AC-11).</summary>
    public async Task<ResetOutcome> ResetPasswordAsync(string token, string newPassword)
    {
        ArgumentNullException.ThrowIfNull(newPassword);
        if (await FindAsync(token, LinkPurpose.NewPassword) is not { } user)
        {
            return new ResetOutcome(ResetStatus.LinkDead, []);
        }

        if (PasswordRules.Problem(newPassword, PasswordRules.Context(user.Email!, user.Name, settings.Issuer)) is { } weak)
        {
            return new ResetOutcome(ResetStatus.Invalid, [new FieldProblem("Password", weak)]);
        }

        if (await passwords.HashAsync(newPassword) is not { } hash)
        {
            return new ResetOutcome(ResetStatus.Busy, []);
        }

        var done = await writer.WriteAsync(db => SetPasswordAsync(db, token, user.Id, hash));
        outbox.Signal();
        return new ResetOutcome(done ? ResetStatus.Done : ResetStatus.LinkDead, []);
    }

    /// <summary>Verifies the address of a new account with the password chosen at sign-up, and signs in.</summary>
    public async Task<VerifyStatus> VerifyEmailAsync(HttpContext http, string token, string password)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(password);
        if (await FindAsync(token, LinkPurpose.VerifyEmail) is not { } user)
        {
            return VerifyStatus.LinkDead;
        }

        var (outcome, proven) = await signIn.CheckAsync(http, user, user.Email!, password, candidate => !candidate.Disabled);
        if (proven is null)
        {
            return outcome.Status switch
            {
                SignInStatus.TooMany => VerifyStatus.TooMany,
                SignInStatus.Busy => VerifyStatus.Busy,
                _ => VerifyStatus.WrongPassword,
            };
        }

        if (!await writer.WriteAsync(db => ConfirmAsync(db, token, user.Id)))
        {
            return VerifyStatus.LinkDead;
        }

        await signIn.BeginAsync(http, proven, remember: false);
        return VerifyStatus.Verified;
    }

    private async Task<SsoUser?> FindAsync(string token, LinkPurpose purpose) =>
        await links.FindAsync(token, purpose) is { } id && await accounts.FindRowAsync(id) is { Disabled: false } user ? user : null;

    private async Task<bool> SetPasswordAsync(OidcDb context, string token, string subjectId, string hash)
    {
        var db = (SsoDb)context.Context;
        if (!await links.ConsumeAsync(db, token, LinkPurpose.NewPassword, subjectId)
            || await db.Users.FirstOrDefaultAsync(row => row.Id == subjectId && !row.Disabled) is not { } user)
        {
            return false;
        }

        user.PasswordHash = hash;
        user.EmailConfirmed = true;
        user.RenewSecurityStamp();
        await sessions.EndSubjectAsync(context, subjectId, "new password");
        audit.Add(context, subjectId, "person.new-password", subjectId);
        mail.Add(context, new AccountMailOrder(AccountMailOrder.PasswordChanged, user.Email!));
        await db.SaveChangesAsync();
        return true;
    }

    private async Task<bool> ConfirmAsync(OidcDb context, string token, string subjectId)
    {
        var db = (SsoDb)context.Context;
        if (!await links.ConsumeAsync(db, token, LinkPurpose.VerifyEmail, subjectId)
            || await db.Users.FirstOrDefaultAsync(row => row.Id == subjectId && !row.Disabled) is not { } user)
        {
            return false;
        }

        user.EmailConfirmed = true;
        audit.Add(context, subjectId, "person.verify-email", subjectId);
        await db.SaveChangesAsync();
        return true;
    }
}
