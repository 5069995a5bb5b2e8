using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Registration;

namespace Anthane.Sso.Tests.Support;

/// <summary>A program that registers clients over HTTP.</summary>
public static class RegistrationClient
{
    public static readonly string[] IdentityScopes = ["openid", "profile", "email", "offline_access"];

    /// <summary>An initial access token.</summary>
    public static async Task<string> TokenAsync(this SsoServer server, int uses = 1, string profile = "default", IReadOnlyList<string>? scopes = null, IReadOnlyList<string>? grants = null, TimeSpan? lifetime = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        var made = await server.Get<RegistrationAdmin>().CreateAsync(
            new InitialAccess("test", profile, scopes ?? IdentityScopes, grants ?? [ClientGrant.AuthorizationCode, ClientGrant.RefreshToken], uses, lifetime ?? TimeSpan.FromHours(1)), "test");
        return made.Token ?? throw new InvalidOperationException(string.Join(' ', made.Problems));
    }

    public static Task<JsonAnswer> RegisterAsync(this SsoServer server, string? token, object metadata) => server.SendJsonAsync(HttpMethod.Post, "/connect/register", token, JsonSerializer.Serialize(metadata));

    public static async Task<JsonAnswer> SendJsonAsync(this SsoServer server, HttpMethod method, string path, string? token, string? body, string type = "application/json")
    {
        ArgumentNullException.ThrowIfNull(server);
        using var browser = server.NewBrowser();
        var request = new HttpRequestMessage(method, new Uri(server.Address, path));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        }

        return await JsonAnswer.ReadAsync(await browser.SendAsync(request));
    }
}
