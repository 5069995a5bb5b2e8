using Anthane.Oidc.ClientDocuments;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Sessions;
using Anthane.Oidc.TrustedIssuers;

namespace Anthane.Oidc;

/// <summary>What the engine needs to know from its host. Checked at start, every mistake at once.</summary>
public sealed class OidcOptions
{
    /// <summary>
    /// The issuer identifier (OpenID Connect Discovery 3): an https URL without query, fragment or trailing slash; http on
    /// loopback alone. Every URL that the engine writes is made from it, never from the Host header.
    /// </summary>
    public string Issuer { get; set; } = "";

    /// <summary>Wraps private keys and server secrets in the database.</summary>
    public MasterKey? MasterKey { get; set; }

    /// <summary>True where the database has one writer at a time (SQLite): writes are then gathered into common commits.</summary>
    public bool OneWriter { get; set; }

    /// <summary>Every client must push its authorization requests (RFC 9126 section 5). Default false: a client rule asks it of one client.</summary>
    public bool RequirePushedRequests { get; set; }

    /// <summary>
    /// Every DPoP proof must hold a nonce of this server (RFC 9449 section 8), so that none can be made ahead of time; each
    /// client then asks once more every few minutes. Default false: a client rule asks it of one client.
    /// </summary>
    public bool RequireDpopNonce { get; set; }

    /// <summary>
    /// Addresses that this server itself calls may be http on loopback: for Development and conformance suites. Default false:
    /// https alone.
    /// </summary>
    public bool AllowLoopbackFetches { get; set; }

    /// <summary>How long people stay signed in.</summary>
    public SessionOptions Sessions { get; } = new();

    /// <summary>The life cycle of signing keys.</summary>
    public KeyOptions Keys { get; } = new();

    /// <summary>How many requests may wait for their person.</summary>
    public PendingOptions Pending { get; } = new();

    /// <summary>Whose word about people is taken (RFC 7523 section 2.1). Default: nobody's, and the grant is not offered.</summary>
    public List<TrustedIssuer> TrustedIssuers { get; } = [];

    /// <summary>Clients that nobody registered, by client ID metadata documents. Default: none.</summary>
    public ClientDocumentOptions ClientDocuments { get; set; } = new();

    /// <summary>Certificates of clients.</summary>
    public ClientCertificateOptions ClientCertificates { get; } = new();

    /// <summary>Where the host's pages are.</summary>
    public PagePaths Pages { get; } = new();

    /// <summary>The grant types of the token endpoint, as discovery lists them.</summary>
    internal IReadOnlyList<string> OfferedGrantTypes => TrustedIssuers.Count > 0 ? [.. GrantTypes.All, GrantTypes.JwtBearer] : GrantTypes.All;

    internal bool IsHttps => Issuer.StartsWith("https://", StringComparison.Ordinal);

    internal string Url(string path) => Issuer + path;

    /// <summary>Every mistake, in words for the operator; empty when all is well.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
        {
            problems.Add("The issuer must be an absolute URL such as https://sso.example.com.");
        }
        else if (Issuer.EndsWith('/') || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            problems.Add("The issuer must have no trailing slash, query, fragment or user name.");
        }
        else if (uri.Scheme == "http" && !uri.IsLoopback)
        {
            problems.Add("An http issuer is for loopback addresses alone; use https.");
        }

        if (MasterKey is null)
        {
            problems.Add("There is no master key. It wraps the signing keys in the database.");
        }

        problems.AddRange(TrustedIssuers.SelectMany(issuer => issuer.Problems(Issuer, AllowLoopbackFetches)));
        if (TrustedIssuers.DistinctBy(issuer => issuer.Issuer).Count() < TrustedIssuers.Count)
        {
            problems.Add("Name each trusted issuer once.");
        }

        problems.AddRange(ClientDocuments.Problems());
        problems.AddRange(Sessions.Problems());
        problems.AddRange(Keys.Problems());
        problems.AddRange(Pending.Problems());
        return problems;
    }
}

/// <summary>Paths of the pages that people see; the engine sends browsers there with a <c>request</c> parameter.</summary>
public sealed class PagePaths
{
    /// <summary>Sign in.</summary>
    public string SignIn { get; set; } = "/account/login";

    /// <summary>Make an account (prompt=create).</summary>
    public string SignUp { get; set; } = "/account/register";

    /// <summary>Go on with this account or take another (prompt=select_account).</summary>
    public string SelectAccount { get; set; } = "/account/select";

    /// <summary>What the client may do.</summary>
    public string Consent { get; set; } = "/consent";

    /// <summary>Sign out; also shows that it is done.</summary>
    public string SignOut { get; set; } = "/account/logout";

    /// <summary>Type the code that a device shows (RFC 8628 section 3.3). It is read aloud and typed, so it is short.</summary>
    public string Device { get; set; } = "/device";
}

/// <summary>The server cannot run as it is set up. The message is for the operator and says what to do.</summary>
public sealed class OidcConfigurationException(string message) : Exception(message);
