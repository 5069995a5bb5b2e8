using System.Text.Json;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Subjects;

namespace Anthane.Sso.Pages.Admin;

/// <summary>What was done to one thing, newest first, with the names of those who did it.</summary>
internal sealed class History(AuditLog audit, ISubjectDirectory people)
{
    private const int Shown = 50;

    public async Task<IReadOnlyList<HistoryEntry>> OfAsync(string target, CancellationToken cancel)
    {
        var entries = new List<HistoryEntry>();
        var names = new Dictionary<string, string>();
        foreach (var row in await audit.ListAsync(target, Shown))
        {
            if (!names.TryGetValue(row.Actor, out var name))
            {
                names[row.Actor] = name = await NameAsync(row.Actor, cancel);
            }

            entries.Add(new HistoryEntry(row.At, name, row.Action, row.Detail));
        }

        return entries;
    }

    private async Task<string> NameAsync(string actor, CancellationToken cancel)
    {
        if (actor == "system")
        {
            return "This server";
        }

        var person = await people.FindAsync(actor, cancel);
        return person is null ? actor : Text(person, "name") ?? Text(person, "email") ?? actor;
    }

    private static string? Text(Subject person, string claim) =>
        person.Claims.TryGetValue(claim, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>One line of a history.</summary>
internal sealed record HistoryEntry(DateTimeOffset At, string Who, string Action, string Detail)
{
    /// <summary>The action in words.</summary>
    public string What => Action.Split('.') switch
    {
        [_, "create"] => "created it",
        [_, "seed"] => "put it in at the first start",
        [_, "update"] => "changed it",
        [_, "enable"] => "enabled it",
        [_, "disable"] => "disabled it",
        [_, "delete"] => "deleted it",
        [_, "verify-email"] => "marked the e-mail address as confirmed",
        [_, "password-link"] => "sent a link to set a new password",
        [_, "new-password"] => "set a new password",
        [_, "role-give"] => "gave a role",
        [_, "role-take"] => "took a role away",
        [_, "session-end"] => "ended a session",
        [_, "sign-out-everywhere"] => "signed them out everywhere",
        [_, "revoke-tokens"] => "ended all its tokens",
        [_, "bootstrap"] => "used the link of the bootstrap command",
        [_, "consent", "withdraw"] => "withdrew what an app was allowed",
        [_, "document", "allow"] => "was the first to allow it something",
        [_, "document", "change"] => "allowed it something after its document had changed",
        [_, "secret", "add"] => "made a new secret",
        [_, "secret", "remove"] => "removed a secret",
        _ => Action,
    };
}
