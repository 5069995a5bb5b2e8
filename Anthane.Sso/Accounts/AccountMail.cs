using Anthane.Oidc.Data;
using Anthane.Oidc.Outbox;
using Anthane.Sso.Hosting;

namespace Anthane.Sso.Accounts;

/// <summary>What a person fills in to get an account.</summary>
/// <param name="Email">The address.</param>
/// <param name="Name">The name that others see; may be empty.</param>
/// <param name="Password">The chosen password.</param>
/// <param name="Request">The sign-in that waits for it, to go on with after the mailed link.</param>
public sealed record SignUpForm(string Email, string Name, string Password, string? Request = null);

/// <summary>How a sign-up ended.</summary>
public enum SignUpStatus
{
    /// <summary>A mail is on its way; the same for known and unknown addresses.</summary>
    MailSent,

    /// <summary>Something must be filled in otherwise.</summary>
    Invalid,

    /// <summary>Too many from this address of the network. Answer 429.</summary>
    TooMany,

    /// <summary>No room for one more hash. Answer 503.</summary>
    Busy,

    /// <summary>Sign-up is turned off, or there is no mail.</summary>
    Closed,
}

/// <summary>The answer to a sign-up.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Problems">What to fill in otherwise.</param>
public sealed record SignUpOutcome(SignUpStatus Status, IReadOnlyList<FieldProblem> Problems);

/// <summary>How a request for a mailed link ended.</summary>
public enum LinkStatus
{
    /// <summary>If there is such an account, a mail is on its way.</summary>
    MailSent,

    /// <summary>Too many from this address of the network. Answer 429.</summary>
    TooMany,

    /// <summary>This server cannot send mail; an administrator must help.</summary>
    Unavailable,
}

/// <summary>
/// Mail that an account begins or comes back with. What the requester learns, and how long it takes, is the same whether
/// or not there is an account: the look-up happens in the outbox, after the answer.
/// </summary>
public sealed class AccountMail
{
    private readonly AccountMailDelivery delivery;
    private readonly AttemptLimits limits;
    private readonly PasswordWork passwords;
    private readonly AccountLinks links;
    private readonly StorageWriter writer;
    private readonly OutboxWriter outbox;
    private readonly SsoSettings settings;

    internal AccountMail(
        AccountMailDelivery delivery,
        AttemptLimits limits,
        PasswordWork passwords,
        AccountLinks links,
        StorageWriter writer,
        OutboxWriter outbox,
        SsoSettings settings)
    {
        this.delivery = delivery;
        this.limits = limits;
        this.passwords = passwords;
        this.links = links;
        this.writer = writer;
        this.outbox = outbox;
        this.settings = settings;
    }

    /// <summary>Whether people may make accounts for themselves here.</summary>
    public bool SignUpIsOpen => settings.SignUpIsOpen;

    /// <summary>Whether this server can send mail.</summary>
    public bool CanSendMail => settings.CanSendMail;

    /// <summary>Takes a sign-up; the account begins with the mailed link.</summary>
    public async Task<SignUpOutcome> SignUpAsync(HttpContext http, SignUpForm form)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(form);
        if (!SignUpIsOpen)
        {
            return new SignUpOutcome(SignUpStatus.Closed, []);
        }

        var problems = Problems(form.Email.Trim(), form.Name.Trim(), form.Password, settings.Issuer).ToList();
        if (problems.Count > 0)
        {
            return new SignUpOutcome(SignUpStatus.Invalid, problems);
        }

        if (await AddressIsOverAsync(http))
        {
            return new SignUpOutcome(SignUpStatus.TooMany, []);
        }

        if (await passwords.HashAsync(form.Password) is not { } hash)
        {
            return new SignUpOutcome(SignUpStatus.Busy, []);
        }

        await OrderAsync(new AccountMailOrder(AccountMailOrder.SignUp, form.Email.Trim(), form.Name.Trim(), hash, form.Request));
        return new SignUpOutcome(SignUpStatus.MailSent, []);
    }

    /// <summary>Takes a request for a link that sets a new password.</summary>
    public async Task<LinkStatus> RequestPasswordLinkAsync(HttpContext http, string email)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(email);
        if (!CanSendMail)
        {
            return LinkStatus.Unavailable;
        }

        if (await AddressIsOverAsync(http))
        {
            return LinkStatus.TooMany;
        }

        if (EmailAddresses.Problem(email.Trim()) is null)
        {
            await OrderAsync(new AccountMailOrder(AccountMailOrder.NewPassword, email.Trim()));
        }

        return LinkStatus.MailSent;
    }

    /// <summary>Whether the link of a mail still works. Changes nothing, so that a mail scanner may look (AC-09).</summary>
    public async Task<bool> LinkIsLiveAsync(string? token, LinkPurpose purpose) => await links.FindAsync(token, purpose) is not null;

    internal static IEnumerable<FieldProblem> Problems(string email, string name, string password, string issuer)
    {
        if (EmailAddresses.Problem(email) is { } wrongEmail)
        {
            yield return new FieldProblem(nameof(SignUpForm.Email), wrongEmail);
        }

        if (AccountClaims.NameProblem(name) is { } wrongName)
        {
            yield return new FieldProblem(nameof(SignUpForm.Name), wrongName);
        }

        if (PasswordRules.Problem(password, PasswordRules.Context(email, name, issuer)) is { } weak)
        {
            yield return new FieldProblem(nameof(SignUpForm.Password), weak);
        }
    }

    /// <summary>At most so many mails to one address in a window; more are not sent, and nobody is told (AC-25).</summary>
    private async Task OrderAsync(AccountMailOrder order)
    {
        var key = AttemptLimits.Key("mail", EmailAddresses.Normalize(order.Email));
        if ((await limits.CountAsync(key))[0].Count > settings.Options.Limits.MailsPerAddress)
        {
            return;
        }

        await writer.WriteAsync(db =>
        {
            delivery.Add(db, order);
            return db.Context.SaveChangesAsync();
        });
        outbox.Signal();
    }

    private async Task<bool> AddressIsOverAsync(HttpContext http) =>
        limits.AddressKey("mail-from", http) is { } key && (await limits.CountAsync(key))[0].Count > settings.Options.Limits.FailuresPerAddress;
}
