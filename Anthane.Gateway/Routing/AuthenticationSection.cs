using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>AuthenticationOptions of a route or of all routes. What is null was not said, so that the outer one is taken.</summary>
internal sealed record AuthenticationSection
{
    public required SettingsReader Reader { get; init; }

    public IReadOnlyList<string>? ProviderKeys { get; init; }

    public IReadOnlyList<string>? AllowedScopes { get; init; }

    public bool? AllowAnonymous { get; init; }

    public IReadOnlyList<string> RouteKeys { get; init; } = [];

    public static AuthenticationSection? Read(SettingsReader? reader)
    {
        if (reader is null)
            return null;
        var keys = reader.Texts("AuthenticationProviderKeys");
        var old = reader.Text("AuthenticationProviderKey");
        var section = new AuthenticationSection
        {
            Reader = reader,

            // Ocelot tries the old single key first.
            ProviderKeys = old is null ? keys : [old, .. (keys ?? []).Where(key => key != old)],
            AllowedScopes = reader.Texts("AllowedScopes"),
            AllowAnonymous = reader.Flag("AllowAnonymous"),
            RouteKeys = reader.Texts("RouteKeys") ?? [],
        };
        reader.ReportUnknown();
        return section;
    }

    public AuthenticationSection Or(AuthenticationSection outer) => this with
    {
        ProviderKeys = ProviderKeys ?? outer.ProviderKeys,
        AllowedScopes = AllowedScopes ?? outer.AllowedScopes,
        AllowAnonymous = AllowAnonymous ?? outer.AllowAnonymous,
    };

    /// <summary>The route's own options, filled up by the global ones where those are for it.</summary>
    public static AuthenticationSection? Combine(AuthenticationSection? own, AuthenticationSection? global, string? routeKey)
    {
        if (global is null || (global.RouteKeys.Count > 0 && (routeKey is null || !global.RouteKeys.Contains(routeKey))))
            return own;
        return own?.Or(global) ?? global;
    }
}
