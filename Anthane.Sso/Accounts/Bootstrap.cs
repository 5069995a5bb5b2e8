using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Administration;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>What the first admin fills in, or one who was locked out.</summary>
/// <param name="Email">The address; an existing account of it becomes the admin.</param>
/// <param name="Name">The name; may be empty.</param>
/// <param name="Password">The password to sign in with from now on.</param>
public sealed record BootstrapForm(string Email, string Name, string Password);

/// <summary>How the bootstrap page ended.</summary>
public enum BootstrapStatus
{
    /// <summary>There is an admin; sign in.</summary>
    Done,

    /// <summary>Something must be filled in otherwise; the link still works.</summary>
    Invalid,

    /// <summary>The link was used, replaced or is over. Answer 404.</summary>
    LinkDead,

    /// <summary>No room for one more hash. Answer 503.</summary>
    Busy,
}

/// <summary>The answer of the bootstrap page.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Problems">What to fill in otherwise.</param>
public sealed record BootstrapOutcome(BootstrapStatus Status, IReadOnlyList<FieldProblem> Problems);

/// <summary>
/// The way to the first admin, and back for one who was locked out: a one-time link that only somebody with a shell on
/// the server can print. There is no default account (AC-27).
/// </summary>
public sealed class Bootstrap
{
    private readonly AccountLinks links;
    private readonly PasswordWork passwords;
    private readonly SessionAdmin sessions;
    private readonly AuditLog audit;
    private readonly StorageReader reader;
    private readonly StorageWriter writer;
    private readonly IDbContextFactory<SsoDb> databases;
    private readonly SsoSettings settings;
    private readonly TimeProvider clock;

    internal Bootstrap(
        AccountLinks links,
        PasswordWork passwords,
        SessionAdmin sessions,
        AuditLog audit,
        StorageReader reader,
        StorageWriter writer,
        IDbContextFactory<SsoDb> databases,
        SsoSettings settings,
        TimeProvider clock)
    {
        this.links = links;
        this.passwords = passwords;
        this.sessions = sessions;
        this.audit = audit;
        this.reader = reader;
        this.writer = writer;
        this.databases = databases;
        this.settings = settings;
        this.clock = clock;
    }

    /// <summary>Makes an admin of whoever holds the link.</summary>
    public async Task<BootstrapOutcome> UseAsync(string token, BootstrapForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (await links.FindAsync(token, LinkPurpose.Bootstrap) is null)
        {
            return new BootstrapOutcome(BootstrapStatus.LinkDead, []);
        }

        var problems = AccountMail.Problems(form.Email.Trim(), form.Name.Trim(), form.Password, settings.Issuer).ToList();
        if (problems.Count > 0)
        {
            return new BootstrapOutcome(BootstrapStatus.Invalid, problems);
        }

        if (await passwords.HashAsync(form.Password) is not { } hash)
        {
            return new BootstrapOutcome(BootstrapStatus.Busy, []);
        }

        var done = await writer.WriteAsync(db => MakeAdminAsync(db, token, form, hash));
        return new BootstrapOutcome(done ? BootstrapStatus.Done : BootstrapStatus.LinkDead, []);
    }

    /// <summary>The address of a new one-time link; older ones stop working.</summary>
    internal async Task<string> LinkAsync()
    {
        await using var context = databases.CreateDbContext();
        var token = await writer.WriteAsync(context, db => links.MakeAsync((SsoDb)db.Context, "", LinkPurpose.Bootstrap));
        return settings.Url("/account/bootstrap?token=" + token);
    }

    /// <summary>Asked at every start, by a plain statement, so that a server at rest has compiled no query of EF Core's.</summary>
    internal async Task<bool> HasAdminAsync() => await reader.ReadAsync(db => db.FirstAsync(
        """
        SELECT u."Id" FROM "AspNetUsers" u JOIN "AspNetUserRoles" h ON h."UserId" = u."Id" JOIN "AspNetRoles" r ON r."Id" = h."RoleId"
        WHERE r."Name" = @role AND NOT u."Disabled" AND u."EmailConfirmed" LIMIT 1
        """,
        row => row.GetString(0),
        ("@role", SsoRoles.Admin))) is not null;

    private async Task<bool> MakeAdminAsync(OidcDb context, string token, BootstrapForm form, string hash)
    {
        var db = (SsoDb)context.Context;
        if (!await links.ConsumeAsync(db, token, LinkPurpose.Bootstrap, ""))
        {
            return false;
        }

        var name = EmailAddresses.Normalize(form.Email);
        var user = await db.Users.FirstOrDefaultAsync(row => row.NormalizedUserName == name);
        if (user is null)
        {
            user = NewUser.Of(form.Email, form.Name, clock.GetUtcNow());
            db.Users.Add(user);
        }
        else
        {
            await sessions.EndSubjectAsync(context, user.Id, "bootstrap");
            await AttemptLimits.ForgetAsync(context, AttemptLimits.Key("account", name));
        }

        user.PasswordHash = hash;
        user.EmailConfirmed = true;
        user.Disabled = false;
        user.RenewSecurityStamp();
        await db.SaveChangesAsync();
        await RoleRows.GiveAsync(db, user.Id, SsoRoles.Admin);
        audit.Add(context, "system", "person.bootstrap", user.Id);
        await db.SaveChangesAsync();
        return true;
    }
}
