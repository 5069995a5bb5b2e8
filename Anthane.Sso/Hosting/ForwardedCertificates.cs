using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;

namespace Anthane.Sso.Hosting;

/// <summary>
/// Takes a client's certificate from the header of a proxy that ended the TLS connection: from the proxies that are named for
/// it alone, and by their own address, so it comes before anything that changes that. From anybody else the header is removed.
/// What comes over a proxy's connection is the client's or nothing: the proxy's own certificate says nothing about clients.
/// </summary>
internal sealed class ForwardedCertificates(RequestDelegate next, SsoSettings settings, ILogger<ForwardedCertificates> logger)
{
    private const int MostCharacters = 16 * 1024;
    private readonly string header = settings.Options.ClientCertificates.Header!;

    public Task InvokeAsync(HttpContext http)
    {
        var peer = http.Connection.RemoteIpAddress;
        if (peer is { IsIPv4MappedToIPv6: true })
        {
            peer = peer.MapToIPv4();
        }

        var values = http.Request.Headers[header];
        http.Request.Headers.Remove(header);
        if (peer is not null && settings.CertificateProxies.Any(proxy => proxy.Contains(peer)))
        {
            // On the request, never on the connection: a proxy sends requests of many clients over one.
            http.Features.Set<ITlsConnectionFeature>(new FromProxy(values.Count == 1 ? Read(values[0]!, peer) : null));
        }

        return next(http);
    }

    private X509Certificate2? Read(string text, IPAddress proxy)
    {
        if (text.Length == 0)
        {
            return null;
        }

        try
        {
            return text.Length <= MostCharacters ? Parse(text) : throw new FormatException("It is too long.");
        }
        catch (Exception unreadable) when (unreadable is FormatException or CryptographicException or ArgumentException)
        {
            logger.LogWarning("The certificate in the header {Header} of the proxy {Proxy} cannot be read: {Reason}", header, proxy, unreadable.Message);
            return null;
        }
    }

    /// <summary>RFC 9440 (base64 of the DER bytes between colons), or PEM with percent signs as nginx's $ssl_client_escaped_cert has it.</summary>
    public static X509Certificate2 Parse(string text)
    {
        if (text.StartsWith(':'))
        {
            return text.Length > 2 && text.EndsWith(':')
                ? X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text[1..^1]))
                : throw new FormatException("It begins with a colon and does not end with one.");
        }

        return X509Certificate2.CreateFromPem(Uri.UnescapeDataString(text));
    }

    private sealed class FromProxy(X509Certificate2? certificate) : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; } = certificate;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
