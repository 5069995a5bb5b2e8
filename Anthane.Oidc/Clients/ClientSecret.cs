namespace Anthane.Oidc.Clients;

/// <summary>A live secret of a client, as a hash. A client has at most two, so that one can be replaced without downtime.</summary>
public sealed class ClientSecret
{
    /// <summary>Names the secret on pages and in the audit log.</summary>
    public required string Id { get; set; }

    /// <summary>The client it belongs to.</summary>
    public required string ClientId { get; set; }

    /// <summary>How <see cref="Hash"/> was made: <c>hmac-sha256</c> for secrets that we generated, <c>pbkdf2</c> for all others.</summary>
    public required string Algorithm { get; set; }

    /// <summary>The hash, with its parameters where the algorithm has any.</summary>
    public required string Hash { get; set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}
