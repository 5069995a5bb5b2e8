namespace Anthane.Gateway.Routing;

/// <summary>Whose calls a route takes: a person's, a service's own, or both.</summary>
internal enum Principal
{
    Any,
    User,
    Client,
}

/// <summary>What a request needs before it may pass. Without any of it, a route still needs a valid token.</summary>
internal sealed record RoutePolicy
{
    public bool AllowAnonymous { get; init; }

    /// <summary>Names of the issuers whose tokens are taken; empty means every trusted one.</summary>
    public IReadOnlyList<string> Issuers { get; init; } = [];

    /// <summary>The token needs one of these; empty means the audiences of its issuer.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>The token needs one of these scopes; empty asks for none.</summary>
    public IReadOnlyList<string> AllowedScopes { get; init; } = [];

    public Principal Principal { get; init; }

    /// <summary>Every claim named must have the value named.</summary>
    public IReadOnlyList<ClaimRequirement> Claims { get; init; } = [];
}

/// <summary>A claim that must have a value: a fixed one, or what a placeholder of the path stood for.</summary>
internal readonly record struct ClaimRequirement(string Claim, string Value, int Placeholder)
{
    public bool IsFixed => Placeholder < 0;
}

/// <summary>A header that the service receives, made from a claim.</summary>
internal readonly record struct ClaimHeader(string Name, ClaimExpression Expression);
