using Anthane.Oidc.ClientDocuments;
using Anthane.Oidc.TrustedIssuers;
using Anthane.Sso.Data;

namespace Anthane.Sso.Hosting;

/// <summary>The section <c>Sso</c> of the configuration. Every setting can be given as an environment variable: <c>Sso__Issuer</c>.</summary>
public sealed class SsoOptions
{
    /// <summary>The public address of this server, without a trailing slash. It alone makes every URL, never the Host header. Required; https except on loopback in Development.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>
    /// The database. One that begins with <c>Host=</c> is PostgreSQL (Npgsql's words), any other SQLite.
    /// <c>ConnectionStrings:Sso</c> is read when this is empty. Default: <c>sso.db</c> in the data directory.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Where files are kept: the SQLite database, and in Development the master key and mail. Default in Development: <c>.anthane</c> in the current directory.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>The master key: 32 random bytes as base64 (<c>openssl rand -base64 32</c>). Give exactly one of the three.</summary>
    public string? MasterKey { get; set; }

    /// <summary>A file that holds the master key as base64. In Development one is made in the data directory.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>A certificate with its private key (PEM or PKCS#12) from which the master key is derived.</summary>
    public string? MasterKeyCertificate { get; set; }

    /// <summary>The password of a PKCS#12 file.</summary>
    public string? MasterKeyCertificatePassword { get; set; }

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. A proxy that ends TLS must be among them. Default: none.</summary>
    public List<string> TrustedProxies { get; } = [];

    /// <summary>Whether people may make accounts for themselves. Default true; without mail outside Development it is off.</summary>
    public bool SignUp { get; set; } = true;

    /// <summary>Every app must push its authorization requests (RFC 9126). Default false: a rule on the client's page asks it of one app.</summary>
    public bool RequirePushedRequests { get; set; }

    /// <summary>Every DPoP proof must hold a nonce of this server (RFC 9449 section 8). Default false.</summary>
    public bool RequireDpopNonce { get; set; }

    /// <summary>Issuers whose word about people is taken, by the grant type for it (RFC 7523). Default: none.</summary>
    public List<TrustedIssuer> TrustedIssuers { get; } = [];

    /// <summary>Clients that nobody registered, by client ID metadata documents, as MCP authorization asks for them. Default: none.</summary>
    public ClientDocumentOptions ClientIdMetadataDocuments { get; set; } = new();

    /// <summary>Certificates of clients.</summary>
    public ClientCertificateSettings ClientCertificates { get; set; } = new();

    /// <summary>How mail leaves the house.</summary>
    public SmtpOptions Smtp { get; set; } = new();

    /// <summary>Limits against guessing.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>Rows for a first start in Development.</summary>
    public SeedOptions Seed { get; set; } = new();
}

/// <summary>The section <c>Sso:Smtp</c>.</summary>
public sealed class SmtpOptions
{
    /// <summary>The mail server. Empty: no mail is sent; in Development it is written to files instead.</summary>
    public string Host { get; set; } = "";

    /// <summary>Its port. Default 587.</summary>
    public int Port { get; set; } = 587;

    /// <summary>The user name; empty for none.</summary>
    public string UserName { get; set; } = "";

    /// <summary>The password.</summary>
    public string Password { get; set; } = "";

    /// <summary>The sender, for example <c>Anthane &lt;no-reply@example.com&gt;</c>. Required with a host.</summary>
    public string From { get; set; } = "";

    /// <summary>Whether the connection is encrypted by STARTTLS. Default true; without it no user name may be set.</summary>
    public bool Tls { get; set; } = true;
}

/// <summary>The section <c>Sso:Limits</c>: failed attempts within a window of time.</summary>
public sealed class LimitOptions
{
    /// <summary>Failed passwords for one account from unknown devices before it rests until the window ends. Default 10. From 3 to 100 (NIST SP 800-63B-4 section 3.2.2).</summary>
    public int FailuresPerAccount { get; set; } = 10;

    /// <summary>Failed passwords from one address (IPv6: one /64 network). Default 50. From 10 to 10,000.</summary>
    public int FailuresPerAddress { get; set; } = 50;

    /// <summary>The window in minutes, and so the longest that a stranger can lock anybody out. Default 15. From 1 to 15.</summary>
    public int WindowMinutes { get; set; } = 15;

    /// <summary>Mails to one address within the window. Default 3. From 1 to 20.</summary>
    public int MailsPerAddress { get; set; } = 3;

    /// <summary>Form posts from one address in a minute. Default 300. From 10 to 100,000.</summary>
    public int PostsPerMinute { get; set; } = 300;

    /// <summary>
    /// Sign-ins that apps begin from one address (IPv6: one /64 network) in a minute, on each node, at browsers where nobody
    /// is signed in; more are answered with 429. Each waits as a row for half an hour. Default 300. From 10 to 100,000.
    /// </summary>
    public int SignInsPerMinute { get; set; } = 300;

    /// <summary>The same from all addresses together; more are answered with 503. Default 10,000. From 10 to 1,000,000.</summary>
    public int SignInsPerMinuteInAll { get; set; } = 10_000;

    /// <summary>Codes of devices that one account may type wrongly within the window. Default 10. From 3 to 100 (RFC 8628 section 5.1).</summary>
    public int DeviceCodesPerAccount { get; set; } = 10;

    /// <summary>The same from one address (IPv6: one /64 network). Default 30. From 10 to 10,000.</summary>
    public int DeviceCodesPerAddress { get; set; } = 30;

    /// <summary>The same of everybody together: a code has 34 bits, and many guessers must not find one either. Default 1,000. From 100 to 100,000.</summary>
    public int DeviceCodesInAll { get; set; } = 1000;

    /// <summary>Whether loopback addresses are free of the limits per address. Default: in Development alone.</summary>
    public bool? ExemptLoopback { get; set; }
}
