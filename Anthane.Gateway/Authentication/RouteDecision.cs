using Anthane.Gateway.Assertions;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Authentication;

/// <summary>What a token may do on a route: a refusal, or the headers that tell the service who calls.</summary>
internal sealed record RouteDecision(Route? Route, Refusal? Refusal, KeyValuePair<string, string>[] Headers)
{
    /// <summary>The token's claims as the route sees them, with those that it makes of others.</summary>
    public TokenClaims? Claims { get; init; }

    /// <summary>What the token says for the service's address, on a route that asks it.</summary>
    public ClaimTarget? Target { get; init; }

    /// <summary>Nobody in particular calls: the service is told nothing.</summary>
    public static readonly RouteDecision Anonymous = new(null, null, []);

    /// <summary>The headers with the assertion of them, when one was made.</summary>
    public AssertedHeaders? Asserted { get; set; }
}
