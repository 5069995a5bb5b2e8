using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Proofs;

/// <summary>The certificate whose key the caller of a request has proven to have, in the TLS handshake with us or with a proxy of ours (RFC 8705).</summary>
internal sealed class ClientCertificateReader(OidcOptions options)
{
    /// <summary>Null when there is none, or when certificates are not accepted here.</summary>
    public X509Certificate2? Read(HttpContext http) => options.ClientCertificates.Accepted ? http.Connection.ClientCertificate : null;

    /// <summary>x5t#S256: the SHA-256 hash of the certificate in base64url (RFC 8705 section 3.1).</summary>
    public static string ThumbprintOf(X509Certificate2 certificate) => Base64UrlEncoder.Encode(SHA256.HashData(certificate.RawData));
}
