using Anthane.Gateway.Assertions;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Authentication;

/// <summary>What a token may do on a route: a refusal, or the headers that tell the service who calls.</summary>
internal sealed record RouteDecision(Route? Route, Refusal? Refusal, KeyValuePair<string, string>[] Headers)
{
    /// <summary>Nobody in particular calls: the service is told nothing.</summary>
    public static readonly RouteDecision Anonymous = new(null, null, []);

    /// <summary>The headers with the assertion of them, when one was made.</summary>
    public AssertedHeaders? Asserted { get; set; }
}
