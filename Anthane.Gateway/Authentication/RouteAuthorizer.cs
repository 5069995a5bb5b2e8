using Anthane.Gateway.Headers;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Authentication;

/// <summary>Decides what a valid token may do on a route, and what its service is told about the caller.</summary>
internal sealed class RouteAuthorizer(ILogger<RouteAuthorizer> logger)
{
    private const int MostHeaderBytes = 8 * 1024;

    /// <summary>Decided once per token and route: nothing here depends on the request.</summary>
    public RouteDecision Decide(AccessToken token, Route route)
    {
        if (RefusalOf(token, route.Policy) is { } refusal)
            return new RouteDecision(route, refusal, []);
        var headers = IdentityHeaders.Of(token);
        foreach (var added in route.Headers)
        {
            var before = headers.Count;
            IdentityHeaders.Add(headers, added.Name, added.Expression.Evaluate(token.Claims.Anything(added.Expression.Claim)));
            if (headers.Count == before)
                return new RouteDecision(route, Missing(added), []);
        }

        var size = headers.Sum(header => header.Key.Length + header.Value.Length + 4);
        if (size <= MostHeaderBytes)
            return new RouteDecision(route, null, headers.ToArray());

        // Cut short, they would say something else.
        logger.LogWarning("The claims of a token of {Issuer} need {Size} bytes of headers, more than {Most}", token.Issuer.Name, size, MostHeaderBytes);
        return new RouteDecision(route, Refusal.Forbidden("the claims do not fit into the headers", "The token says more than can be passed on to the service.", []), []);
    }

    /// <summary>What depends on the request: claims that must equal a part of its address.</summary>
    public static Refusal? CheckAddress(AccessToken token, RouteMatch match)
    {
        foreach (var requirement in match.Route.Policy.Claims)
        {
            if (!requirement.IsFixed && !Holds(token, requirement.Claim, match.Value(requirement.Placeholder)))
                return ClaimRefusal(requirement.Claim);
        }

        return null;
    }

    private static Refusal? RefusalOf(AccessToken token, RoutePolicy policy)
    {
        if (policy.Issuers.Count > 0 && !policy.Issuers.Contains(token.Issuer.Name, StringComparer.OrdinalIgnoreCase))
            return Refusal.InvalidToken($"issuer {token.Issuer.Name} is not one of the route's");
        if (policy.Audiences.Count > 0 && !policy.Audiences.Any(token.Audiences.Contains))
            return Refusal.InvalidToken("aud is not the route's audience");
        if (policy.Principal == Principal.User && token.IsClient)
            return Refusal.Forbidden("a service's token on a route for people", "This address is for people who are signed in, not for services.", []);
        if (policy.Principal == Principal.Client && !token.IsClient)
            return Refusal.Forbidden("a person's token on a route for services", "This address is for services, not for people.", []);
        if (policy.AllowedScopes.Count > 0 && !policy.AllowedScopes.Any(token.Scopes.Contains))
            return Refusal.Forbidden("none of the route's scopes", "The token lacks a scope that this address needs.", policy.AllowedScopes);
        foreach (var requirement in policy.Claims)
        {
            if (requirement.IsFixed && !Holds(token, requirement.Claim, requirement.Value))
                return ClaimRefusal(requirement.Claim);
        }

        return null;
    }

    private static bool Holds(AccessToken token, string claim, string value)
    {
        var values = claim == "scope" ? token.Scopes : token.Claims.Values(claim);
        return values is not null && values.Contains(value);
    }

    private static Refusal ClaimRefusal(string claim) =>
        Refusal.Forbidden($"claim {claim} does not have the value that the route asks for", "The token lacks something that this address needs.", []);

    private static Refusal Missing(ClaimHeader header) =>
        Refusal.Forbidden($"claim {header.Expression.Claim}, which the route sends as {header.Name}, is missing or empty", "The token lacks something that this address needs.", []);
}
