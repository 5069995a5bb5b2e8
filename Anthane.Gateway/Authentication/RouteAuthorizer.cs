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
        // 1. What the route makes of the claims comes first: the rest sees it.
        var claims = token.Claims;
        foreach (var added in route.AddedClaims)
        {
            if (added.Expression.Evaluate(claims.Anything(added.Expression.Claim)) is not { } values)
                return new RouteDecision(route, Missing(added, "claim"), []);
            claims = claims.With(added.Name, values);
        }

        // 2. May it?
        if (RefusalOf(token, claims, route.Policy) is { } refusal)
            return new RouteDecision(route, refusal, []);

        // 3. What is the service told?
        var headers = IdentityHeaders.Of(token);
        foreach (var added in route.Headers)
        {
            var before = headers.Count;
            IdentityHeaders.Add(headers, added.Name, added.Expression.Evaluate(claims.Anything(added.Expression.Claim)));
            if (headers.Count == before)
                return new RouteDecision(route, Missing(new ClaimMapping(added.Name, added.Expression), "header"), []);
        }

        if (!ClaimHeaderWriter.TryAdd(headers, claims, route.ClaimHeaders, out var unfit))
            return new RouteDecision(route, Refusal.Forbidden($"claim {unfit} holds what its header cannot", "The token says something that cannot be passed on to the service.", []), []);

        var size = headers.Sum(header => header.Key.Length + header.Value.Length + 4);
        if (size <= MostHeaderBytes)
            return WithTarget(new RouteDecision(route, null, headers.ToArray()) { Claims = claims });

        // Cut short, they would say something else.
        logger.LogWarning("The claims of a token of {Issuer} need {Size} bytes of headers, more than {Most}", token.Issuer.Name, size, MostHeaderBytes);
        return new RouteDecision(route, Refusal.Forbidden("the claims do not fit into the headers", "The token says more than can be passed on to the service.", []), []);
    }

    /// <summary>What depends on the request: claims that must equal a part of its address.</summary>
    public static Refusal? CheckAddress(AccessToken token, RouteDecision decision, RouteMatch match)
    {
        foreach (var requirement in match.Route.Policy.Claims)
        {
            if (!requirement.IsFixed && !Holds(token, decision.Claims ?? token.Claims, requirement.Claim, match.Value(requirement.Placeholder)))
                return ClaimRefusal(requirement.Claim);
        }

        return null;
    }

    private static RouteDecision WithTarget(RouteDecision decision)
    {
        if (decision.Route!.Rewrite is not { } rewrite)
            return decision;
        var path = new List<string>();
        foreach (var mapping in rewrite.Path)
        {
            if (TextOf(mapping, decision.Claims!) is not { } value)
                return decision with { Refusal = Missing(mapping, "placeholder") };
            if (!ClaimRewrite.FitsPath(value))
                return decision with { Refusal = Refusal.Forbidden($"claim {mapping.Expression.Claim} would change where the path leads", "The token says something that this address cannot hold.", []) };
            path.Add(value);
        }

        var query = new List<string>();
        foreach (var mapping in rewrite.Query)
        {
            if (TextOf(mapping, decision.Claims!) is not { } value)
                return decision with { Refusal = Missing(mapping, "parameter") };
            query.Add($"{Uri.EscapeDataString(mapping.Name)}={Uri.EscapeDataString(value)}");
        }

        return decision with { Target = new ClaimTarget([.. path], string.Join('&', query)) };
    }

    private static string? TextOf(ClaimMapping mapping, TokenClaims claims) =>
        mapping.Expression.Evaluate(claims.Anything(mapping.Expression.Claim)) is { } values && string.Join(',', values) is { Length: > 0 } text ? text : null;

    private static Refusal? RefusalOf(AccessToken token, TokenClaims claims, RoutePolicy policy)
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
            if (requirement.IsFixed && !Holds(token, claims, requirement.Claim, requirement.Value))
                return ClaimRefusal(requirement.Claim);
        }

        return null;
    }

    private static bool Holds(AccessToken token, TokenClaims claims, string claim, string value)
    {
        var values = claim == token.Issuer.Claims.Scope ? token.Scopes : claims.ValuesAt(claim);
        return values is not null && values.Contains(value);
    }

    private static Refusal ClaimRefusal(string claim) =>
        Refusal.Forbidden($"claim {claim} does not have the value that the route asks for", "The token lacks something that this address needs.", []);

    private static Refusal Missing(ClaimMapping mapping, string what) =>
        Refusal.Forbidden($"claim {mapping.Expression.Claim}, of which the route makes the {what} {mapping.Name}, is missing or empty", "The token lacks something that this address needs.", []);
}
