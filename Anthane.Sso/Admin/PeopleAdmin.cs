using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Administration;
using Anthane.Sso.Accounts;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Admin;

/// <summary>A person to make an account for. They choose their password by a mailed link.</summary>
/// <param name="Email">The address.</param>
/// <param name="Name">The name; may be empty.</param>
/// <param name="EmailVerified">The admin knows that the address is the person's own.</param>
/// <param name="Admin">Whether they may use these pages.</param>
public sealed record NewPerson(string Email, string Name, bool EmailVerified, bool Admin);

/// <summary>How a change ended.</summary>
/// <param name="Id">The person.</param>
/// <param name="Problems">Why nothing was changed; empty when it was.</param>
public sealed record PersonChange(string? Id, IReadOnlyList<FieldProblem> Problems)
{
    /// <summary>It was changed.</summary>
    public bool Done => Problems.Count == 0;
}

/// <summary>
/// What admins do with people. Every change leaves an audit row in its transaction; whatever takes rights away ends the
/// person's sessions and grants in the same one. Nobody can take away their own or the last admin's way in (AD-13).
/// </summary>
public sealed class PeopleAdmin
{
    private readonly PeopleReader reader;
    private readonly AccountMailDelivery mail;
    private readonly SessionAdmin sessions;
    private readonly AuditLog audit;
    private readonly StorageWriter writer;
    private readonly OutboxWriter outbox;
    private readonly SsoSettings settings;
    private readonly TimeProvider clock;

    internal PeopleAdmin(
        PeopleReader reader,
        AccountMailDelivery mail,
        SessionAdmin sessions,
        AuditLog audit,
        StorageWriter writer,
        OutboxWriter outbox,
        SsoSettings settings,
        TimeProvider clock)
    {
        this.reader = reader;
        this.mail = mail;
        this.sessions = sessions;
        this.audit = audit;
        this.writer = writer;
        this.outbox = outbox;
        this.settings = settings;
        this.clock = clock;
    }

    /// <summary>People whose address or name contains the text, sorted by address.</summary>
    /// <param name="search">Null or empty for all.</param>
    /// <param name="page">From 1.</param>
    public Task<PeoplePage> ListAsync(string? search, int page) => reader.ListAsync(search, page);

    /// <summary>One person; null when there is none.</summary>
    public Task<Person?> FindAsync(string id) => reader.FindAsync(id);

    /// <summary>Makes an account and, when mail works, sends the link to choose a password.</summary>
    public async Task<PersonChange> CreateAsync(NewPerson person, string actor)
    {
        ArgumentNullException.ThrowIfNull(person);
        var problems = new List<FieldProblem>();
        Add(problems, nameof(NewPerson.Email), EmailAddresses.Problem(person.Email.Trim()));
        Add(problems, nameof(NewPerson.Name), AccountClaims.NameProblem(person.Name.Trim()));
        if (problems.Count > 0)
        {
            return new PersonChange(null, problems);
        }

        var user = NewUser.Of(person.Email, person.Name, clock.GetUtcNow());
        user.EmailConfirmed = person.EmailVerified;
        var made = await writer.WriteAsync(db => InsertAsync(db, user, person.Admin, actor));
        outbox.Signal();
        return made ? new PersonChange(user.Id, []) : new PersonChange(null, [new FieldProblem(nameof(NewPerson.Email), "There is an account with this address already.")]);
    }

    /// <summary>Disables, which signs the person out everywhere, or enables again.</summary>
    public Task<PersonChange> SetDisabledAsync(string id, bool disabled, string actor) => ChangeAsync(id, async (context, user) =>
    {
        if (disabled && await KeepsAdminAsync(context, user, actor) is { } kept)
        {
            return kept;
        }

        user.Disabled = disabled;
        audit.Add(context, actor, disabled ? "person.disable" : "person.enable", id);
        if (disabled)
        {
            await sessions.EndSubjectAsync(context, id, "disabled");
        }

        return null;
    });

    /// <summary>Takes the address as verified without a mail.</summary>
    public Task<PersonChange> MarkEmailVerifiedAsync(string id, string actor) => ChangeAsync(id, (context, user) =>
    {
        user.EmailConfirmed = true;
        user.UpdatedAt = clock.GetUtcNow();
        audit.Add(context, actor, "person.verify-email", id);
        return Task.FromResult<string?>(null);
    });

    /// <summary>Gives or takes the admin role.</summary>
    public Task<PersonChange> SetAdminAsync(string id, bool admin, string actor) => ChangeAsync(id, async (context, user) =>
    {
        if (!admin && await KeepsAdminAsync(context, user, actor) is { } kept)
        {
            return kept;
        }

        var db = (SsoDb)context.Context;
        await (admin ? RoleRows.GiveAsync(db, id, SsoRoles.Admin) : RoleRows.TakeAsync(db, id, SsoRoles.Admin));
        audit.Add(context, actor, admin ? "person.role-give" : "person.role-take", id, SsoRoles.Admin);
        return null;
    });

    /// <summary>Mails a link to set a new password. The old one works until then.</summary>
    public async Task<PersonChange> SendPasswordLinkAsync(string id, string actor)
    {
        if (!settings.CanSendMail)
        {
            return new PersonChange(id, [new FieldProblem("", "This server cannot send mail. Set Sso:Smtp, then try again.")]);
        }

        return await ChangeAsync(id, (context, user) =>
        {
            mail.Add(context, new AccountMailOrder(AccountMailOrder.NewPassword, user.Email!));
            audit.Add(context, actor, "person.password-link", id);
            return Task.FromResult(user.Disabled ? "Enable the person first: a disabled one gets no link." : null);
        });
    }

    /// <summary>Deletes the person. Their id is never used again.</summary>
    public Task<PersonChange> DeleteAsync(string id, string actor) => ChangeAsync(id, async (context, user) =>
    {
        if (await KeepsAdminAsync(context, user, actor) is { } kept)
        {
            return kept;
        }

        var db = (SsoDb)context.Context;
        await sessions.EndSubjectAsync(context, id, "deleted");
        await db.AccountLinks.Where(link => link.SubjectId == id).ExecuteDeleteAsync();
        await db.Set<Oidc.Consents.Consent>().Where(consent => consent.SubjectId == id).ExecuteDeleteAsync();
        db.Users.Remove(user);
        audit.Add(context, actor, "person.delete", id);
        return null;
    });

    private async Task<bool> InsertAsync(OidcDb context, SsoUser user, bool admin, string actor)
    {
        var db = (SsoDb)context.Context;
        if (await db.Users.AnyAsync(row => row.NormalizedUserName == user.NormalizedUserName))
        {
            return false;
        }

        db.Users.Add(user);
        audit.Add(context, actor, "person.create", user.Id, admin ? SsoRoles.Admin : "");
        if (settings.CanSendMail)
        {
            mail.Add(context, new AccountMailOrder(AccountMailOrder.NewPassword, user.Email!));
        }

        await db.SaveChangesAsync();
        if (admin)
        {
            await RoleRows.GiveAsync(db, user.Id, SsoRoles.Admin);
        }

        return true;
    }

    /// <summary>Runs a change in a transaction and saves it, unless it answers why not.</summary>
    private async Task<PersonChange> ChangeAsync(string id, Func<OidcDb, SsoUser, Task<string?>> change)
    {
        var done = await writer.WriteAsync(async context =>
        {
            var db = (SsoDb)context.Context;
            var user = await db.Users.FirstOrDefaultAsync(row => row.Id == id);
            var refused = user is null ? "This person is not there any more." : await change(context, user);
            if (refused is not null)
            {
                db.ChangeTracker.Clear();
                return new PersonChange(id, [new FieldProblem("", refused)]);
            }

            await db.SaveChangesAsync();
            return new PersonChange(id, []);
        });

        // A mail, or word to the apps of a session that ended with it.
        outbox.Signal();
        return done;
    }

    private static async Task<string?> KeepsAdminAsync(OidcDb context, SsoUser user, string actor)
    {
        if (user.Id == actor)
        {
            return "You cannot do this to yourself. Ask another admin.";
        }

        var able = RoleRows.Able((SsoDb)context.Context, SsoRoles.Admin);
        return await able.AnyAsync(admin => admin.Id == user.Id) && !await able.AnyAsync(admin => admin.Id != user.Id)
            ? "This is the last admin. Make another one first."
            : null;
    }

    private static void Add(List<FieldProblem> problems, string field, string? message)
    {
        if (message is not null)
        {
            problems.Add(new FieldProblem(field, message));
        }
    }
}
