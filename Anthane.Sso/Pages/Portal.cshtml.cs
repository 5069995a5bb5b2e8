using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Sessions;
using Anthane.Oidc.Subjects;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages;

/// <summary>Who I am, the apps I can open, what I allowed them, and where I am signed in.</summary>
internal sealed class PortalModel(BrowserSessions sessions, SessionAdmin sessionAdmin, ConsentAdmin consents, ISubjectDirectory people, ClientAdmin clients) : PageModel
{
    private static readonly (string Claim, string Name)[] Known =
    [
        ("name", "Name"), ("email", "E-mail address"), ("phone_number", "Phone number"), ("locale", "Language"), ("zoneinfo", "Time zone"),
    ];

    public IReadOnlyList<Client> Apps { get; private set; } = [];

    public IReadOnlyList<AllowedApp> Allowed { get; private set; } = [];

    public IReadOnlyList<SsoSession> Sessions { get; private set; } = [];

    public IReadOnlyList<(string Name, string Value)> Facts { get; private set; } = [];

    public string Here { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(CancellationToken cancel)
    {
        if (await sessions.CurrentAsync(HttpContext) is not { } session)
        {
            return LocalRedirect("/account/login");
        }

        Here = session.Sid;
        Sessions = [.. (await sessionAdmin.ListAsync(session.SubjectId)).OrderByDescending(other => other.Sid == Here).ThenByDescending(other => other.LastSeenAt)];
        Apps = [.. (await clients.ListAsync()).Where(client => client is { Enabled: true, HomeUri: not null })];
        Allowed = await consents.ListAsync(session.SubjectId);
        var me = await people.FindAsync(session.SubjectId, cancel);
        Facts = [.. Known.Select(known => (known.Name, Text(me, known.Claim))).Where(fact => fact.Item2.Length > 0)];
        return Page();
    }

    public async Task<IActionResult> OnPostEndAsync(string? sid)
    {
        if (await sessions.CurrentAsync(HttpContext) is not { } session)
        {
            return new SeeOther("/account/login");
        }

        var ended = await sessionAdmin.EndAsync(session.SubjectId, sid ?? "", session.SubjectId);
        return this.Then("/", ended ? "The session was ended." : "That session was over already.");
    }

    public async Task<IActionResult> OnPostEndAllAsync()
    {
        if (await sessions.CurrentAsync(HttpContext) is { } session)
        {
            await sessionAdmin.EndSubjectAsync(session.SubjectId, session.SubjectId);
            await sessions.SignOutAsync(HttpContext);
        }

        return new SeeOther("/account/logout");
    }

    public async Task<IActionResult> OnPostWithdrawAsync(string? app)
    {
        if (await sessions.CurrentAsync(HttpContext) is not { } session)
        {
            return new SeeOther("/account/login");
        }

        var name = (await consents.ListAsync(session.SubjectId)).FirstOrDefault(allowed => allowed.ClientId == app)?.Name;
        return name is not null && await consents.WithdrawAsync(session.SubjectId, app!)
            ? this.Then("/", $"{name} may not use your account any more. It will ask you again when you next sign in there.")
            : this.Then("/", "That app was not allowed anything any more.");
    }

    /// <summary>What an app may do, in words.</summary>
    public static IEnumerable<string> Words(AllowedApp app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.IdentityScopes.Select(scope => ScopeTexts.Of(scope).Title).Concat(app.ApiScopes.Select(scope => $"{scope.Text} (at {scope.Api})"));
    }

    private static string Text(Subject? person, string claim) =>
        person is not null && person.Claims.TryGetValue(claim, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
