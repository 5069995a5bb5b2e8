using Anthane.Oidc.Clients;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>The kinds of client in an admin's words.</summary>
internal sealed record KindText(ClientKind Kind, string Name, string Meaning, string Example)
{
    public static readonly IReadOnlyList<KindText> All =
    [
        new(ClientKind.Browser, "Browser app", "Runs in the browser and keeps no secret. People sign in.", "A single-page app"),
        new(ClientKind.Web, "Web app", "Runs on a server and keeps a secret there. People sign in.", "ASP.NET Core, Rails, PHP, a wiki"),
        new(ClientKind.Service, "Service", "Runs without people and keeps a secret. It acts as itself.", "A nightly job, a worker, another API"),
        new(ClientKind.Native, "Installed app", "Runs on a person’s own device and keeps no secret. People sign in.", "A phone, desktop or command-line app"),
    ];

    public static KindText Of(ClientKind kind) => All.First(text => text.Kind == kind);
}
