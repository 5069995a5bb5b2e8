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

    /// <summary>Every method of a client that is not public, with what it means.</summary>
    public static readonly IReadOnlyList<ClientAuthMethodDescription> All =
    [
        new(SecretBasic, "A secret in the Authorization header, and no other way."),
        new(SecretPost, "A secret in the form, and no other way."),
        new(PrivateKeyJwt, "A statement that it signs with its own key. The key never leaves the client; this server knows the public half alone."),
    ];

    /// <summary>True when it is one of the two ways to send a secret.</summary>
    internal static bool IsSecret(string method) => method is SecretBasic or SecretPost;
}

/// <summary>One method in the words of the client's page.</summary>
/// <param name="Name">Its name in the protocol, which is also what is stored.</param>
/// <param name="Meaning">One sentence on what it is.</param>
public sealed record ClientAuthMethodDescription(string Name, string Meaning);
