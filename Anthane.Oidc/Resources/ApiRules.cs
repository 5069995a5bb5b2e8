using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Resources;

/// <summary>The single validator of APIs and their scopes.</summary>
internal static class ApiRules
{
    private static IReadOnlyList<string> Algorithms => SigningAlgorithms.All;

    public static IEnumerable<RuleProblem> Check(Api api, IReadOnlyList<ApiScope> scopes, string issuer)
    {
        if (api.Audience.Length > 300 || api.Audience.Any(c => c is <= ' ' or >= '\x7f' or '"' or '\\')
            || !Uri.TryCreate(api.Audience, UriKind.Absolute, out _) || api.Audience.Contains('#', StringComparison.Ordinal))
        {
            yield return new RuleProblem(nameof(Api.Audience), "Give an absolute address without a fragment, such as https://orders.example.com. It is a name: nothing needs to answer there.");
        }

        if (api.Audience.TrimEnd('/') == issuer)
        {
            yield return new RuleProblem(nameof(Api.Audience), "This is the address of the sign-in server itself, which has tokens of its own.");
        }

        if (string.IsNullOrWhiteSpace(api.Name) || api.Name.Length > 100 || api.Name.Any(ShownText.IsTreacherous))
        {
            yield return new RuleProblem(nameof(Api.Name), "Give a name of 1 to 100 characters, without line breaks and text-direction marks.");
        }

        foreach (var claim in api.Claims.Where(claim => !Api.PossibleClaims.Contains(claim)))
        {
            yield return new RuleProblem(nameof(Api.Claims), $"Tokens cannot carry {claim}.");
        }

        if (api.SigningAlgorithm is { } algorithm && !Algorithms.Contains(algorithm))
        {
            yield return new RuleProblem(nameof(Api.SigningAlgorithm), $"It must be one of {string.Join(", ", Algorithms)}.");
        }

        foreach (var scope in scopes)
        {
            if (!Scopes.IsLegal(scope.Name) || scope.Name.Length > 100)
            {
                yield return new RuleProblem("Scopes", $"{scope.Name}: use printable characters without blanks, quotes and backslashes.");
            }
            else if (Scopes.IsOfIdentity(scope.Name))
            {
                yield return new RuleProblem("Scopes", $"{scope.Name} is a scope of OpenID Connect itself.");
            }

            if (scope.DisplayName.Length > 200 || scope.DisplayName.Any(ShownText.IsTreacherous))
            {
                yield return new RuleProblem("Scopes", $"{scope.Name}: describe it in at most 200 characters, without line breaks and text-direction marks.");
            }
        }

        if (scopes.Select(scope => scope.Name).Distinct(StringComparer.Ordinal).Count() != scopes.Count)
        {
            yield return new RuleProblem("Scopes", "A scope is listed twice.");
        }
    }
}
