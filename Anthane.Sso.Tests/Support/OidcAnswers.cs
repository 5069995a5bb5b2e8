using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Support;

/// <summary>What arrived at the redirect URI.</summary>
/// <param name="Values">Its parameters.</param>
/// <param name="Response">The redirect, or the page that posts.</param>
public sealed record AuthorizationAnswer(IReadOnlyDictionary<string, string> Values, HttpResponseMessage Response)
{
    /// <summary>The code; the test fails when there is none.</summary>
    public string Code => Values.TryGetValue("code", out var code) ? code : throw new InvalidOperationException($"no code but {string.Join(", ", Values)}");

    public string? Error => Values.GetValueOrDefault("error");

    public string? State => Values.GetValueOrDefault("state");

    public string? Issuer => Values.GetValueOrDefault("iss");

    /// <summary>The parameters of a redirect to the URI, or null when the answer goes elsewhere or nowhere.</summary>
    public static AuthorizationAnswer? Of(HttpResponseMessage response, string redirectUri)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(redirectUri);
        if (response.Headers.Location?.OriginalString is not { } location || !location.StartsWith(redirectUri + (redirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?'), StringComparison.Ordinal))
        {
            return null;
        }

        var query = QueryHelpers.ParseQuery(location[(location.IndexOf('?', StringComparison.Ordinal) + 1)..]);
        return new AuthorizationAnswer(query.ToDictionary(pair => pair.Key, pair => Assert.Single(pair.Value)!), response);
    }
}

/// <summary>What the token endpoint, or another that speaks JSON, said.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The JSON object.</param>
/// <param name="Response">All of it.</param>
public sealed record JsonAnswer(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)
{
    public string AccessToken => Text("access_token");

    public string IdToken => Text("id_token");

    public string RefreshToken => Text("refresh_token");

    public string? Error => Body.TryGetProperty("error", out var error) ? error.GetString() : null;

    /// <summary>A member that must be a string.</summary>
    public string Text(string name) => Body.TryGetProperty(name, out var value) ? value.GetString()! : throw new InvalidOperationException($"no {name} in {Body}");

    public bool Has(string name) => Body.TryGetProperty(name, out _);

    public static async Task<JsonAnswer> ReadAsync(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new JsonAnswer(response.StatusCode, text.Length == 0 ? JsonDocument.Parse("{}").RootElement : JsonDocument.Parse(text).RootElement, response);
    }

    /// <summary>The payload of a JWT, unverified.</summary>
    public static JsonElement PayloadOf(string jwt) => Part(jwt, 1);

    /// <summary>The header of a JWT.</summary>
    public static JsonElement HeaderOf(string jwt) => Part(jwt, 0);

    private static JsonElement Part(string jwt, int index)
    {
        ArgumentNullException.ThrowIfNull(jwt);
        return JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.Split('.')[index])).RootElement;
    }
}
