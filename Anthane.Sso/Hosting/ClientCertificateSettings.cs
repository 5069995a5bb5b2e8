using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Anthane.Sso.Hosting;

/// <summary>The section <c>Sso:ClientCertificates</c>: certificates by which clients prove themselves, and to which tokens can be bound (RFC 8705).</summary>
public sealed class ClientCertificateSettings
{
    /// <summary>Whether https endpoints of this server ask every caller for a certificate; who has none is still answered. Default false: a browser with certificates of its own would ask its person about them.</summary>
    public bool Ask { get; set; }

    /// <summary>PEM files with the authorities whose certificates prove a client (tls_client_auth), intermediate ones included. Default: none, and the method is not offered.</summary>
    public List<string> Authorities { get; } = [];

    /// <summary>Whether to ask the authorities if a certificate was revoked; one about which they do not answer is refused. Default false.</summary>
    public bool CheckRevocation { get; set; }

    /// <summary>The header in which a proxy that ends TLS passes on the client's certificate: <c>Client-Cert</c> (RFC 9440), or one with nginx's <c>$ssl_client_escaped_cert</c>. Default: none.</summary>
    public string? Header { get; set; }

    /// <summary>Addresses or networks of the proxies whose header is believed; needed with <see cref="Header"/>. From anybody else the header is removed.</summary>
    public List<string> Proxies { get; } = [];

    /// <summary>True when certificates of clients reach this server.</summary>
    internal bool Accepted => Ask || !string.IsNullOrWhiteSpace(Header);

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Header) != (Proxies.Count == 0))
        {
            yield return "Sso:ClientCertificates:Header and :Proxies go together: the header is believed from these proxies alone.";
        }

        if (Authorities.Count > 0 && !Accepted)
        {
            yield return "Sso:ClientCertificates:Authorities has no use while no certificate reaches this server: set :Ask, or :Header and :Proxies.";
        }

        foreach (var problem in Authorities.Select(Problem).OfType<string>())
        {
            yield return problem;
        }
    }

    internal static X509Certificate2Collection Load(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates;
    }

    private static string? Problem(string file)
    {
        try
        {
            return Load(file).Any(certificate => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData))
                ? null
                : $"Sso:ClientCertificates:Authorities: {file} holds no root certificate (one that names itself as its issuer).";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"Sso:ClientCertificates:Authorities: {file} cannot be read: {e.Message}";
        }
    }
}
