using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Resources;

/// <summary>APIs and scopes in memory: asked on every request, read again when one has changed anywhere.</summary>
internal sealed class ResourceStore(ChangeStamps stamps, OidcDbFactory databases)
{
    private readonly CachedRows<ResourcePicture> rows = new(stamps, databases, ChangeStamps.Resources, ReadAsync);

    public ValueTask<ResourcePicture> PictureAsync() => rows.GetAsync();

    /// <summary>For the discovery document, which is served while the database is away.</summary>
    public ValueTask<ResourcePicture> LastKnownAsync() => rows.LastKnownAsync();

    private static async Task<ResourcePicture> ReadAsync(OidcDb db)
    {
        // Plain statements, since discovery is the first thing that anybody asks for, when EF Core's queries are not compiled yet.
        var apis = await db.AllAsync(
            """SELECT "Audience", "Name", "Claims", "CreatedAt", "UpdatedAt", "Version", "SigningAlgorithm" FROM "Apis" WHERE "Enabled" """,
            row => new Api
            {
                Audience = row.GetString(0),
                Name = row.GetString(1),
                Claims = StringListConversion.Read(row.GetString(2)),
                CreatedAt = row.Instant(3),
                UpdatedAt = row.Instant(4),
                Version = row.GetString(5),
                SigningAlgorithm = row.IsDBNull(6) ? null : row.GetString(6),
            });
        var scopes = await db.AllAsync(
            """SELECT "Name", "Audience", "DisplayName" FROM "ApiScopes" """,
            row => new ApiScope { Name = row.GetString(0), Audience = row.GetString(1), DisplayName = row.GetString(2) });
        return new ResourcePicture(apis, scopes);
    }
}

/// <summary>All enabled APIs and their scopes at one moment.</summary>
internal sealed class ResourcePicture
{
    private readonly Dictionary<string, Api> apis;
    private readonly Dictionary<string, ApiScope> scopes;

    public ResourcePicture(IReadOnlyCollection<Api> apis, IReadOnlyCollection<ApiScope> scopes)
    {
        this.apis = apis.ToDictionary(api => api.Audience, StringComparer.Ordinal);
        this.scopes = scopes.Where(scope => this.apis.ContainsKey(scope.Audience)).ToDictionary(scope => scope.Name, StringComparer.Ordinal);
        ScopeNames = this.scopes.Keys.Order(StringComparer.Ordinal).ToArray();
    }

    /// <summary>The scopes of all APIs, sorted.</summary>
    public IReadOnlyList<string> ScopeNames { get; }

    public Api? Find(string audience) => apis.GetValueOrDefault(audience);

    public ApiScope? Scope(string name) => scopes.GetValueOrDefault(name);

    public bool Exists(string scope) => Scopes.IsOfIdentity(scope) || scopes.ContainsKey(scope);

    /// <summary>The audience a scope belongs to, or null for a scope of OpenID Connect itself.</summary>
    public string? AudienceOf(string scope) => scopes.GetValueOrDefault(scope)?.Audience;
}
