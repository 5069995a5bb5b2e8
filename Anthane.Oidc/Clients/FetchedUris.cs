namespace Anthane.Oidc.Clients;

/// <summary>What may be registered as an address that this server itself calls.</summary>
internal static class FetchedUris
{
    /// <summary>Why the address cannot be called, or null when it can.</summary>
    /// <param name="uri">The address.</param>
    /// <param name="loopback">Whether http on loopback is allowed.</param>
    public static string? Problem(string uri, bool loopback) =>
        RedirectUris.Problem(uri, ClientKind.Web)
        ?? (loopback || uri.StartsWith("https://", StringComparison.Ordinal) ? null : "It must begin with https://, since this server calls it.");
}
