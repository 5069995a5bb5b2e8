using Anthane.Gateway.Assertions;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Limits;
using Anthane.Gateway.Telemetry;
using Anthane.Gateway.Tls;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// What the <c>Gateway</c> section says, checked. Routes are not here: they come from the ocelot.json (see Routing).
/// </summary>
internal sealed record GatewaySettings
{
    /// <summary>Whose tokens are accepted, by the name that routes list in AuthenticationProviderKeys.</summary>
    public required IReadOnlyList<IssuerSettings> Issuers { get; init; }

    /// <summary>Names of all issuers, also of those whose settings are wrong, so that one mistake is told once.</summary>
    public IReadOnlyList<string> IssuerNames { get; init; } = [];

    /// <summary>Path of the ocelot.json; a relative one counts from the content root, then from the folder of the binaries.</summary>
    public required string Ocelot { get; init; }

    /// <summary>Whether a change of the ocelot.json is taken over while the gateway runs.</summary>
    public bool ReloadOnChange { get; init; } = true;

    /// <summary>Makes unknown settings errors instead of warnings.</summary>
    public bool StrictConfiguration { get; init; }

    public CorsSettings Cors { get; init; } = new();

    public LimitSettings Limits { get; init; } = new();

    /// <summary>Prefixes of cookie names that belong to the SSO: neither sent to a service nor set by one, unless its route says ForwardCookies.</summary>
    public IReadOnlyList<string> OwnedCookies { get; init; } = ["__Host-anthane", "anthane"];

    /// <summary>Ocelot's rule: a route without AuthenticationOptions is open. Off by default.</summary>
    public bool AnonymousByDefault { get; init; }

    /// <summary>Ocelot's answers for a timeout (503 instead of 504). Off by default.</summary>
    public bool OcelotStatusCodes { get; init; }

    /// <summary>Signs the cookies of CookieStickySessions, 32 bytes or more; null makes one up at the start.</summary>
    public byte[]? StickyKey { get; init; }

    /// <summary>Where callers reach the gateway, without a slash at the end; null when neither a setting nor the listening address says it.</summary>
    public string? PublicAddress { get; init; }

    /// <summary>Where the gateway keeps what must outlive a restart: keys of issuers and of assertions. Null keeps nothing.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Asks callers for a TLS certificate, for tokens that are bound to one (RFC 8705). Any will do: the token says which it must be.</summary>
    public bool ClientCertificates { get; init; }

    public AssertionSettings Assertion { get; init; } = new();

    /// <summary>Lets a route's DangerousAcceptAnyServerCertificateValidator hold outside Development too.</summary>
    public bool DangerousAcceptAnyServerCertificate { get; init; }

    public TlsSettings Tls { get; init; } = new();

    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>At a stop: how long the gateway goes on as before while it says that it is not ready, so that whoever sends requests learns of it.</summary>
    public TimeSpan ShutdownDelay { get; init; } = TimeSpan.Zero;

    /// <summary>At a stop, after the delay: how long requests under way may take.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest request body, in bytes.</summary>
    public long MaxRequestBodySize { get; init; } = 30_000_000;

    /// <summary>How many validated tokens are remembered.</summary>
    public int TokenCacheSize { get; init; } = 10_000;

    /// <summary>Loopback http authorities and loopback's freedom from address limits exist in Development only.</summary>
    public required bool IsDevelopment { get; init; }
}

/// <summary>Which browser apps may call, from where and with what (Fetch standard, CORS protocol).</summary>
internal sealed record CorsSettings
{
    public IReadOnlyList<string> Origins { get; init; } = [];

    public IReadOnlyList<string> Methods { get; init; } = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    public IReadOnlyList<string> Headers { get; init; } = ["Authorization", "Content-Type"];

    public IReadOnlyList<string> ExposedHeaders { get; init; } = ["WWW-Authenticate", "Retry-After"];

    /// <summary>Seconds for which a browser may remember a preflight.</summary>
    public long MaxAge { get; init; } = 600;
}
