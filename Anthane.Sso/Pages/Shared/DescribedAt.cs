using Anthane.Oidc.Clients;

namespace Anthane.Sso.Pages.Shared;

/// <summary>Where an app that nobody registered describes itself: the one thing about it that it cannot choose freely.</summary>
internal static class DescribedAt
{
    /// <summary>The host, and the port when it is not the usual one.</summary>
    public static string HostOf(Client app) => HostOf(app.ClientId);

    /// <summary>The same for the client id.</summary>
    public static string HostOf(string clientId) => new Uri(clientId).Authority;
}
