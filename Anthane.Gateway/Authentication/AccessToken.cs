using Anthane.Gateway.Revocations;
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

    /// <summary>Seconds since 1970.</summary>
    public required long IssuedAt { get; init; }

    /// <summary>The key that signed it.</summary>
    public required string KeyId { get; init; }

    /// <summary>What the caller must prove to have; null for a plain bearer token.</summary>
    public required TokenBinding? Binding { get; init; }

    /// <summary>What of its issuer ended early; null when nobody tells.</summary>
    public required RevocationList? Revocations { get; init; }

    /// <summary>The state of that list in which the token was not in it.</summary>
    public long SeenRevocations { get; set; } = -1;

    /// <summary>Whether the token ended before its time.</summary>
    public bool HasEnded => Revocations is not null && Revocations.HasEnded(this);

    /// <summary>Whether the token alone is enough, whenever it is sent; otherwise something is asked at each request.</summary>
    public bool IsPlain => Binding is null && Revocations?.Settings.RefuseWhenBlind != true;

    /// <summary>Of the token's text.</summary>
    public required TokenHash Hash { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>Whether a service calls in its own name: its token's subject is the client itself (RFC 9068 §2.2), or what the issuer's settings say.</summary>
    public required bool IsClient { get; init; }

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
