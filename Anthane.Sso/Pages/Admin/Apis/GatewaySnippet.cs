using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Oidc.Resources;

namespace Anthane.Sso.Pages.Admin.Apis;

/// <summary>What to paste into the gateway's files so that it lets this API's tokens through, and no others.</summary>
internal static class GatewaySnippet
{
    // The page encodes the text for HTML; escaping it for a script as well would only make it unreadable.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An entry of <c>Routes</c> in <c>ocelot.json</c>.</summary>
    public static string Route(Api api, IEnumerable<ApiScope> scopes)
    {
        var path = $"/{PathName(api)}/{{everything}}";
        return new JsonObject
        {
            ["UpstreamPathTemplate"] = path,
            ["UpstreamHttpMethod"] = new JsonArray("GET", "POST", "PUT", "DELETE"),
            ["DownstreamPathTemplate"] = path,
            ["DownstreamScheme"] = "http",
            ["DownstreamHostAndPorts"] = new JsonArray(new JsonObject { ["Host"] = "127.0.0.1", ["Port"] = 8701 }),
            ["AuthenticationOptions"] = new JsonObject
            {
                ["AuthenticationProviderKeys"] = new JsonArray("sso"),
                ["AllowedScopes"] = List(scopes.Select(scope => scope.Name)),
            },
            ["Audiences"] = new JsonArray(api.Audience),
        }.ToJsonString(Readable);
    }

    /// <summary>The gateway's own settings: whom it trusts.</summary>
    public static string Settings(Api api, string issuer) => new JsonObject
    {
        ["Gateway"] = new JsonObject
        {
            ["Issuers"] = new JsonObject
            {
                ["sso"] = new JsonObject { ["Authority"] = issuer, ["Audiences"] = new JsonArray(api.Audience) },
            },
        },
    }.ToJsonString(Readable);

    private static JsonArray List(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static string PathName(Api api)
    {
        var letters = api.Name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-');
        var name = string.Join('-', new string([.. letters]).Split('-', StringSplitOptions.RemoveEmptyEntries));
        return name.Length > 0 ? name : "api";
    }
}
