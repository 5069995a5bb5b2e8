namespace Anthane.Oidc.Clients;

/// <summary>How a client proves who it is when it calls (RFC 6749 section 2.3), by the names of token_endpoint_auth_method (RFC 7591 section 2).</summary>
public static class ClientAuthMethod
{
    /// <summary>Not at all: a public client.</summary>
    public const string None = "none";

    /// <summary>By a secret in the Authorization header (RFC 6749 section 2.3.1).</summary>
    public const string SecretBasic = "client_secret_basic";

    /// <summary>By a secret in the form (RFC 6749 section 2.3.1).</summary>
    public const string SecretPost = "client_secret_post";

    /// <summary>By a JWT that it signs with its own key (RFC 7523 section 2.2, OpenID Connect Core 9).</summary>
    public const string PrivateKeyJwt = "private_key_jwt";

    /// <summary>By a TLS certificate that an authority vouches for (RFC 8705 section 2.1).</summary>
    public const string TlsClientAuth = "tls_client_auth";

    /// <summary>By a TLS certificate that it made itself and registered (RFC 8705 section 2.2).</summary>
    public const string SelfSignedTlsClientAuth = "self_signed_tls_client_auth";

    /// <summary>Every method of a client that is not public, with what it means.</summary>
    public static readonly IReadOnlyList<ClientAuthMethodDescription> All =
    [
        new(SecretBasic, "A secret in the Authorization header, and no other way."),
        new(SecretPost, "A secret in the form, and no other way."),
        new(PrivateKeyJwt, "A statement that it signs with its own key. The key never leaves the client; this server knows the public half alone."),
        new(TlsClientAuth, "A TLS certificate from an authority that this server trusts, with the client’s name in it."),
        new(SelfSignedTlsClientAuth, "A TLS certificate of its own. Its key, or the certificate itself (x5c), is among the public keys below."),
    ];

    /// <summary>True when it is one of the two ways to send a secret.</summary>
    internal static bool IsSecret(string method) => method is SecretBasic or SecretPost;
}

/// <summary>One method in the words of the client's page.</summary>
/// <param name="Name">Its name in the protocol, which is also what is stored.</param>
/// <param name="Meaning">One sentence on what it is.</param>
public sealed record ClientAuthMethodDescription(string Name, string Meaning);
