using Anthane.Oidc.Interactions;

namespace Anthane.Sso.Pages.Shared;

/// <summary>What an app asks for, in a person's words: the same wherever a person is asked.</summary>
internal sealed record WantedScope(string Scope, string Title, string Meaning)
{
    public static IReadOnlyList<WantedScope> Of(IEnumerable<string> identityScopes, IEnumerable<InteractionApi> apis)
    {
        var ofIdentity = identityScopes.Select(scope => (scope, ScopeTexts.Of(scope))).Select(pair => new WantedScope(pair.scope, pair.Item2.Title, pair.Item2.Meaning));
        var ofApis = apis.SelectMany(api => api.Scopes.Select(scope => new WantedScope(scope.Name, scope.DisplayName.Length > 0 ? scope.DisplayName : scope.Name, $"At {api.Name}")));
        return [.. ofIdentity, .. ofApis];
    }
}
