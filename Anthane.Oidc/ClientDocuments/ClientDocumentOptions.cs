using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>
/// Clients that nobody registered and whose client_id is the address of a document about them
/// (draft-ietf-oauth-client-id-metadata-document), as MCP authorization asks for them.
/// </summary>
public sealed class ClientDocumentOptions
{
    /// <summary>Whether such clients are let in. Default false: whoever is not registered is unknown, and nothing is fetched.</summary>
    public bool Enabled { get; set; }

    /// <summary>The hosts whose documents are read, as plain lower-case names such as <c>agents.example.com</c>, each without what lies under it. Empty, the default: every host on the public internet.</summary>
    public List<string> AllowedHosts { get; } = [];

    /// <summary>
    /// The scopes of APIs that such a client may ask its person for. Default none: an API is opened to strangers by name. Beside
    /// these they may always ask for <c>openid</c>, <c>profile</c>, <c>email</c> and <c>offline_access</c>.
    /// </summary>
    public List<string> ApiScopes { get; } = [];

    /// <summary>Documents that one address (IPv6: one /64 network) may cause to be fetched in a minute, on each node; more is answered with 429. Default 20. At least 1.</summary>
    public int MostFetchesPerAddress { get; set; } = 20;

    /// <summary>Documents fetched from one host in a minute, on each node, whoever asks; more is answered with 429. Default 20. At least 1.</summary>
    public int MostFetchesPerHost { get; set; } = 20;

    /// <summary>Documents that are being fetched at one time, on each node; more is answered with 503. Default 16. At least 1.</summary>
    public int MostFetchesAtOnce { get; set; } = 16;

    /// <summary>Every scope that such a client can have.</summary>
    internal IEnumerable<string> AllScopes => [Scopes.OpenId, Scopes.Profile, Scopes.Email, Scopes.OfflineAccess, .. ApiScopes];

    internal IEnumerable<string> Problems()
    {
        if (MostFetchesPerAddress < 1 || MostFetchesPerHost < 1 || MostFetchesAtOnce < 1)
        {
            yield return "The limits of client ID metadata documents must be at least 1; turn them off to fetch none.";
        }

        foreach (var host in AllowedHosts.Where(host => DocumentUrl.HostProblem(host) is not null))
        {
            yield return $"The host '{host}', whose client ID metadata documents are to be read, must be a plain lower-case name such as agents.example.com.";
        }
    }
}
