using Anthane.Gateway.Hosting;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Commands;

/// <summary>
/// <c>explain METHOD URL</c>: which route takes such a request, why the others do not, what it asks of the caller and what its service would be
/// sent. Nothing is sent.
/// </summary>
internal static class ExplainCommand
{
    public const string Usage = "explain METHOD URL [--header \"Name: value\"] [--ocelot FILE or FOLDER] [--Gateway:Name=value ...]";

    /// <returns>0 when a route takes it, 1 when none does or the settings are wrong, 2 when it is asked wrongly.</returns>
    public static int Run(string[] args, TextWriter output)
    {
        if (ExplainedRequest.Parse(args) is not { } request)
        {
            output.WriteLine(Usage);
            return 2;
        }

        var builder = GatewayHost.Configure(new WebApplicationOptions { Args = [.. args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && arg.Contains('='))] });
        var reading = GatewayReading.Of(builder, request.Ocelot);
        var mistakes = reading.Problems.Mistakes(reading.Settings.StrictConfiguration);
        foreach (var mistake in mistakes)
            output.WriteLine($"error   {mistake}");
        if (mistakes.Count > 0)
            return 1;
        if (!reading.Routes.Methods.Contains(request.Method) || CanonicalPath.Problem(request.Path, request.Target) is not null)
        {
            output.WriteLine($"refused before any route: {CanonicalPath.Problem(request.Path, request.Target) ?? "the method is on no list"}");
            return 1;
        }

        return Explain(reading, request, output);
    }

    private static int Explain(GatewayReading reading, ExplainedRequest request, TextWriter output)
    {
        var winner = reading.Routes.Find(request.Method, request.Host, request.Path, request.Query, request.Headers);
        var isAfter = false;
        foreach (var route in reading.Routes.Routes)
        {
            isAfter |= ReferenceEquals(route, winner?.Route);
            var why = ReferenceEquals(route, winner?.Route) ? "takes it" : route.WhyNot(request.Method, request.Host, request.Path, request.Query, request.Headers) ?? (isAfter ? "would take it, but comes after" : "does not take it");
            output.WriteLine($"{route.Setting,-14} {NameOf(route)}: {why}");
        }

        if (winner is null)
        {
            output.WriteLine("No route takes it: 404.");
            return 1;
        }

        output.WriteLine();
        if (winner.Route.Legs.Count == 0)
            Describe(winner, request, output);
        foreach (var leg in winner.Route.Legs)
        {
            output.WriteLine($"{leg.Key}:");
            Describe(winner.For(leg.Route), request, output);
        }

        return 0;
    }

    private static string NameOf(Route route) => $"{(route.Methods.Count == 0 ? "any method" : string.Join(", ", route.Methods))} {route.Host}{route.Upstream.Text}";

    private static void Describe(RouteMatch match, ExplainedRequest request, TextWriter output)
    {
        var route = match.Route;
        foreach (var line in Demands(route))
            output.WriteLine($"  asks     {line}");
        var target = route.Rewrite is { } rewrite
            ? match.Target(new ClaimTarget([.. rewrite.Path.Select(mapping => $"(claim {mapping.Expression.Claim})")], string.Join('&', rewrite.Query.Select(mapping => $"{mapping.Name}=(claim {mapping.Expression.Claim})"))))
            : match.Target();
        output.WriteLine(target is null
            ? "  answers  400: a part of the path would change where it leads"
            : $"  sends    {route.Method ?? request.Method} {route.Scheme ?? request.Scheme}://{route.Authority}{Uri.UnescapeDataString(target)}");
        foreach (var line in Changes(route))
            output.WriteLine($"  {line}");
    }

    private static IEnumerable<string> Demands(Route route)
    {
        if (route.Addresses is not null)
            yield return "an address of SecurityOptions";
        if (route.Limit is { } limit)
            yield return $"at most {limit.Rule.Limit} requests per {limit.PeriodText}";
        var policy = route.Policy;
        if (policy.AllowAnonymous)
        {
            yield return "nothing: anyone may call";
            yield break;
        }

        yield return "a token of " + (policy.Issuers.Count == 0 ? "any trusted issuer" : string.Join(" or ", policy.Issuers));
        if (policy.Audiences.Count > 0)
            yield return "audience " + string.Join(" or ", policy.Audiences);
        if (policy.AllowedScopes.Count > 0)
            yield return "scope " + string.Join(" or ", policy.AllowedScopes);
        if (policy.Principal != Principal.Any)
            yield return policy.Principal == Principal.User ? "a person, not a service" : "a service, not a person";
        foreach (var claim in policy.Claims)
            yield return $"claim {claim.Claim} = {claim.Value}";
    }

    private static IEnumerable<string> Changes(Route route)
    {
        if (!route.Policy.AllowAnonymous)
            yield return $"tells    x-jwt-iss, x-jwt-sub and what else the token says{(route.Assertion is null ? ", unsigned" : ", and x-jwt-assertion, signed")}";
        foreach (var header in route.Headers)
            yield return $"tells    {header.Name} = claim {header.Expression.Claim}";
        foreach (var header in route.ClaimHeaders.Rules)
            yield return $"tells    {header.Header} = claim {header.Claim}, where the token has it";
        foreach (var transform in route.RequestTransforms)
            yield return $"changes  {transform.Name}: {transform.Text}";
        foreach (var transform in route.ResponseTransforms)
            yield return $"answers  {transform.Name}: {transform.Text}";
        yield return $"keeps    {(route.ForwardAuthorization ? "" : "Authorization, ")}{(route.ForwardCookies ? "" : "cookies of the sign-on service, ")}and every header that only the gateway may write";
    }
}
