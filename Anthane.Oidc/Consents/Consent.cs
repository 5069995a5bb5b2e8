namespace Anthane.Oidc.Consents;

/// <summary>What a person allowed a client, per resource.</summary>
public sealed class Consent
{
    /// <summary>The person.</summary>
    public required string SubjectId { get; set; }

    /// <summary>The client.</summary>
    public required string ClientId { get; set; }

    /// <summary>The audience of the API, or empty for the scopes of OpenID Connect itself.</summary>
    public required string Resource { get; set; }

    /// <summary>The scopes that were allowed.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>When it was last given.</summary>
    public DateTimeOffset GrantedAt { get; set; }
}
