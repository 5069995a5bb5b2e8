using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Sessions;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>How an attempt to sign in ended.</summary>
public enum SignInStatus
{
    /// <summary>There is a session now.</summary>
    SignedIn,

    /// <summary>Unknown, wrong, locked, disabled or not verified: one answer for all, so that nobody learns which.</summary>
    Refused,

    /// <summary>Too many failures from this address. Answer 429.</summary>
    TooMany,

    /// <summary>More people sign in at once than there is room for. Answer 503.</summary>
    Busy,
}

/// <summary>The answer to an attempt to sign in.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="RetryAfter">When to come back, with <see cref="SignInStatus.TooMany"/> and <see cref="SignInStatus.Busy"/>.</param>
public sealed record SignInOutcome(SignInStatus Status, TimeSpan RetryAfter = default);

/// <summary>
/// Checks who somebody is and begins their session. Every refusal costs the same work: one look-up, one count, one hash.
/// It knows nothing of clients or tokens; those hang on the session.
/// </summary>
public sealed class SsoSignIn
{
    private readonly AccountReader accounts;
    private readonly AttemptLimits limits;
    private readonly PasswordWork passwords;
    private readonly KnownDevices devices;
    private readonly BrowserSessions sessions;
    private readonly StorageWriter writer;
    private readonly SsoSettings settings;
    private readonly TimeProvider clock;
    private readonly ILogger<SsoSignIn> logger;

    internal SsoSignIn(
        AccountReader accounts,
        AttemptLimits limits,
        PasswordWork passwords,
        KnownDevices devices,
        BrowserSessions sessions,
        StorageWriter writer,
        SsoSettings settings,
        TimeProvider clock,
        ILogger<SsoSignIn> logger)
    {
        this.accounts = accounts;
        this.limits = limits;
        this.passwords = passwords;
        this.devices = devices;
        this.sessions = sessions;
        this.writer = writer;
        this.settings = settings;
        this.clock = clock;
        this.logger = logger;
    }

    /// <summary>Signs in by password.</summary>
    /// <param name="http">The request.</param>
    /// <param name="userName">The e-mail address as typed.</param>
    /// <param name="password">As typed.</param>
    /// <param name="remember">Whether the session outlives the browser.</param>
    public async Task<SignInOutcome> PasswordAsync(HttpContext http, string userName, string password, bool remember)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        var user = await accounts.FindByEmailAsync(userName);
        var (outcome, proven) = await CheckAsync(http, user, userName, password, candidate => !candidate.Disabled && candidate.EmailConfirmed);
        if (proven is not null)
        {
            await BeginAsync(http, proven, remember);
        }

        return outcome;
    }

    /// <summary>Checks a password under the same limits, without beginning a session; whether the account may sign in is the caller's question.</summary>
    internal async Task<(SignInOutcome Outcome, SsoUser? Proven)> CheckAsync(HttpContext http, SsoUser? user, string userName, string password, Func<SsoUser, bool> eligible)
    {
        var device = devices.Find(http, user);
        var account = device is null ? AttemptLimits.Key("account", EmailAddresses.Normalize(userName)) : AttemptLimits.Key("device", device);
        var address = limits.AddressKey("address", http);
        var counts = await limits.CountAsync(address is null ? [account] : [account, address]);
        if (counts.Count > 1 && counts[1].Count > settings.Options.Limits.FailuresPerAddress)
        {
            logger.LogWarning("Sign-in from {Address} throttled: too many failures.", http.Connection.RemoteIpAddress);
            return (new SignInOutcome(SignInStatus.TooMany, limits.Until(counts[1])), null);
        }

        var locked = counts[0].Count > settings.Options.Limits.FailuresPerAccount;
        var candidate = user is not null && !locked && eligible(user) ? user : null;
        var result = await passwords.VerifyAsync(candidate?.PasswordHash, Cut(password));
        if (result is null)
        {
            await writer.WriteAsync(db => AttemptLimits.ReleaseAsync(db, address is null ? [account] : [account, address]));
            return (new SignInOutcome(SignInStatus.Busy, SlowWork.RetryAfter), null);
        }

        if (candidate is null || result is PasswordVerificationResult.Failed || password.Length > PasswordRules.Longest * 2)
        {
            logger.LogInformation("Sign-in refused for {Subject} from {Address}: {Reason}.", user?.Id ?? "nobody we know", http.Connection.RemoteIpAddress, Reason(user, locked, candidate));
            return (new SignInOutcome(SignInStatus.Refused), null);
        }

        await RecordAsync(candidate, password, result is PasswordVerificationResult.SuccessRehashNeeded, account, address);
        return (new SignInOutcome(SignInStatus.SignedIn), candidate);
    }

    /// <summary>Begins the session of somebody who has just proven who they are by password.</summary>
    internal async Task BeginAsync(HttpContext http, SsoUser user, bool remember)
    {
        await sessions.SignInAsync(http, new SignIn(user.Id, Amr: "pwd", Acr: "pwd", remember));
        devices.Remember(http, user);
        logger.LogInformation("{Subject} signed in from {Address}.", user.Id, http.Connection.RemoteIpAddress);
    }

    private async Task RecordAsync(SsoUser user, string password, bool rehash, string account, string? address)
    {
        var hash = rehash ? await passwords.HashAsync(password) : null;
        var now = clock.GetUtcNow();
        await writer.WriteAsync(async db =>
        {
            await AttemptLimits.ForgetAsync(db, account);
            await AttemptLimits.ReleaseAsync(db, address is null ? [] : [address]);
            var users = ((SsoDb)db.Context).Users;
            await users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.LastSignInAt, now));
            if (hash is not null)
            {
                await users.Where(row => row.Id == user.Id && row.PasswordHash == user.PasswordHash)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.PasswordHash, hash));
            }
        });
    }

    private static string Reason(SsoUser? user, bool locked, SsoUser? candidate) =>
        user is null ? "unknown" : locked ? "locked for now" : candidate is null ? "disabled or not verified" : "wrong password";

    // Nothing longer can be right, and hashing a megabyte would be work for the asking.
    private static string Cut(string password) => password.Length > PasswordRules.Longest * 2 ? "" : password;
}
