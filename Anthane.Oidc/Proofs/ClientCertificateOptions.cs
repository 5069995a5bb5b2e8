using System.Security.Cryptography.X509Certificates;

namespace Anthane.Oidc.Proofs;

/// <summary>Certificates by which clients prove who they are, and to which tokens can be bound (RFC 8705).</summary>
public sealed class ClientCertificateOptions
{
    /// <summary>
    /// The host sees to it that the client certificate of a request's connection is that of the caller, whose key the caller has
    /// proven to have. Who vouches for it nobody has looked at. Default false: certificates count for nothing.
    /// </summary>
    public bool Accepted { get; set; }

    /// <summary>The authorities whose certificates prove a client (tls_client_auth): roots, and what lies between them and clients. Empty: the method is not offered.</summary>
    public X509Certificate2Collection Authorities { get; } = [];

    /// <summary>Whether to ask the authorities, over the network, if a certificate was revoked; one about which they do not answer is refused. Default false.</summary>
    public bool CheckRevocation { get; set; }
}
