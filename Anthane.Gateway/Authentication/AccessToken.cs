using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Authentication;

/// <summary>A token that passed every check that does not depend on the route. Holding one proves that.</summary>
internal sealed class AccessToken
{
    // Beyond this many routes a decision is made anew instead of remembered, so that a token's memory is bounded.
    private const int MostDecisions = 64;

    private RouteDecision[] decisions = [];

    public required IssuerSettings Issuer { get; init; }

    public required TokenClaims Claims { get; init; }

    public required string Subject { get; init; }

    public required string? ClientId { get; init; }

    public required IReadOnlyList<string> Audiences { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Of the token's text.</summary>
    public required TokenHash Hash { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>Whether a service calls in its own name: its token's subject is the client itself (RFC 9068 §2.2).</summary>
    public bool IsClient => ClientId is not null && Subject == ClientId;

    /// <summary>The subject, told apart from the same text of another issuer.</summary>
    public string SubjectKey => field ??= $"s {Issuer.Authority} {Subject}";

    /// <summary>The client, told apart from the same text of another issuer.</summary>
    public string? ClientKey => field ??= ClientId is null ? null : $"c {Issuer.Authority} {ClientId}";

    /// <summary>What this token may do on a route and what the service is told; made once per token and route.</summary>
    public RouteDecision DecisionFor(Route route, Func<AccessToken, Route, RouteDecision> decide)
    {
        var known = decisions;
        foreach (var decision in known)
        {
            if (ReferenceEquals(decision.Route, route))
                return decision;
        }

        var made = decide(this, route);

        // Two requests may both get here; one decision is lost, which costs only making it again.
        if (known.Length < MostDecisions)
            decisions = [.. known, made];
        return made;
    }
}
