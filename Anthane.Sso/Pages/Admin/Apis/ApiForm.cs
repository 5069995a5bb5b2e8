using Anthane.Oidc.Administration;
using Anthane.Oidc.Resources;
using Anthane.Sso.Pages.Shared;

namespace Anthane.Sso.Pages.Admin.Apis;

/// <summary>An API as it is typed. Nothing is judged here; <see cref="ApiAdmin"/> has the one validator.</summary>
internal sealed class ApiForm
{
    private const int SpareRows = 3;

    public string Audience { get; set; } = "";

    public string Name { get; set; } = "";

    public List<string> Claims { get; set; } = [];

    public string SigningAlgorithm { get; set; } = "";

    public List<ScopeRow> Scopes { get; set; } = [];

    public string Version { get; set; } = "";

    public static ApiForm Of(Api api, IEnumerable<ApiScope> scopes) => new()
    {
        Audience = api.Audience,
        Name = api.Name,
        Claims = [.. api.Claims],
        SigningAlgorithm = api.SigningAlgorithm ?? "",
        Scopes = [.. scopes.Select(scope => new ScopeRow { Name = scope.Name, Meaning = scope.DisplayName })],
        Version = api.Version,
    };

    public Api ToApi() => new() { Audience = Audience.Trim(), Name = Name.Trim(), Claims = [.. Claims], SigningAlgorithm = Lines.OrNull(SigningAlgorithm), Version = Version };

    /// <summary>A row without a name is a removed or unused one.</summary>
    public IReadOnlyList<ApiScope> ToScopes() =>
        [.. Scopes.Where(row => row.Name.Trim().Length > 0).Select(row => new ApiScope { Name = row.Name.Trim(), Audience = Audience.Trim(), DisplayName = row.Meaning.Trim() })];

    /// <summary>Rows are added without a script: a few empty ones are always there.</summary>
    public ApiForm WithSpareRows()
    {
        Scopes.AddRange(Enumerable.Range(0, SpareRows).Select(_ => new ScopeRow()));
        return this;
    }

    /// <summary>Fields in which what is stored is not what was typed, with the stored text.</summary>
    public static IReadOnlyDictionary<string, string> Differences(ApiForm typed, ApiForm stored) =>
        Texts(stored).Zip(Texts(typed)).Where(pair => pair.First.Text != pair.Second.Text).ToDictionary(pair => pair.First.Field, pair => pair.First.Text);

    private static IEnumerable<(string Field, string Text)> Texts(ApiForm form)
    {
        yield return (nameof(Name), form.Name);
        yield return (nameof(Claims), string.Join(' ', form.Claims.Order(StringComparer.Ordinal)));
        yield return (nameof(SigningAlgorithm), form.SigningAlgorithm);
        yield return (nameof(Scopes), string.Join('\n', form.ToScopes().OrderBy(scope => scope.Name, StringComparer.Ordinal).Select(scope => $"{scope.Name}  {scope.DisplayName}")));
    }
}

/// <summary>One scope as it is typed.</summary>
internal sealed class ScopeRow
{
    public string Name { get; set; } = "";

    public string Meaning { get; set; } = "";
}
