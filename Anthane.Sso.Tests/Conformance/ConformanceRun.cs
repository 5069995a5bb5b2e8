using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>All modules run against one server, one after the other, so that a module may move the clock.</summary>
[CollectionDefinition]
public sealed class ConformanceCollection : ICollectionFixture<ConformanceRun>;

/// <summary>A server, two registered clients, and what the suite's modules check over and over.</summary>
public class ConformanceRun : IAsyncLifetime
{
    public SsoServer Server { get; private set; } = null!;

    public OidcApp First { get; protected set; } = null!;

    public OidcApp Second { get; protected set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Server = await SsoServer.StartAsync();
        First = await OidcApp.RegisterAsync(Server, client => client.ClientId = "suite-1");
        Second = await OidcApp.RegisterAsync(Server, client => (client.ClientId, client.RedirectUris) = ("suite-2", ["https://app.example/callback?dummy1=lorem"]));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A fresh browser with nobody signed in.</summary>
    public OidcFlow Flow() => new(Server, First);

    public async Task<JsonElement> DiscoveryAsync()
    {
        using var browser = Server.NewBrowser();
        var response = await browser.GetAsync("/.well-known/openid-configuration");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        return (await JsonAnswer.ReadAsync(response)).Body;
    }

    /// <summary>Runs the code flow, with everything that every module checks on the way.</summary>
    public async Task<(JsonElement IdToken, JsonAnswer Tokens)> RunAsync(OidcFlow flow, params (string Name, string? Value)[] changes)
    {
        var answer = await flow.AnswerAsync(changes);
        Assert.Null(answer.Error);
        Assert.Equal(flow.State, answer.State ?? "");
        Assert.Equal(Server.Issuer, answer.Issuer);
        Assert.True(answer.Code.Length >= 16 && BitsOf(answer.Code) > 96, answer.Code);
        var tokens = await flow.RedeemAsync(answer.Code);
        return (await TokensAsync(flow, tokens, flow.Nonce), tokens);
    }

    /// <summary>C4 and C5: the answer of the token endpoint, and the ID token in it.</summary>
    public async Task<JsonElement> TokensAsync(OidcFlow flow, JsonAnswer tokens, string nonce)
    {
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        Assert.Contains("no-store", tokens.Response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("bearer", tokens.Text("token_type"), ignoreCase: true);
        Assert.True(BitsOf(tokens.AccessToken) > 96);
        Assert.InRange(tokens.Body.GetProperty("expires_in").GetInt32(), 1, 31_536_000);

        var jwks = new JsonWebKeySet((await JsonAnswer.ReadAsync(await flow.Browser.GetAsync("/.well-known/jwks.json"))).Body.ToString());
        var header = JsonAnswer.HeaderOf(tokens.IdToken);
        Assert.Equal("RS256", header.GetProperty("alg").GetString());
        var key = Assert.Single(jwks.Keys, key => key.Kid == header.GetProperty("kid").GetString());
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(tokens.IdToken, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidIssuer = Server.Issuer,
            ValidAudience = flow.App.ClientId,
            ValidAlgorithms = ["RS256"],
            LifetimeValidator = (_, expires, _, _) => expires > Server.Clock.GetUtcNow().UtcDateTime,
        });
        Assert.True(result.IsValid, result.Exception?.Message);

        var claims = JsonAnswer.PayloadOf(tokens.IdToken);
        Assert.Equal(nonce.Length == 0 ? null : nonce, claims.TryGetProperty("nonce", out var given) ? given.GetString() : null);
        Assert.Matches("^[!-~]{1,255}$", claims.GetProperty("sub").GetString()!);
        Assert.InRange(claims.GetProperty("iat").GetInt64(), Now() - 1, Now() + 1);
        Assert.InRange(claims.GetProperty("auth_time").GetInt64(), Now() - 31_536_000, Now());
        Assert.NotEmpty(claims.GetProperty("acr").GetString()!);
        string[] known = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "nbf", "jti", "sid"];
        Assert.All(claims.EnumerateObject(), claim => Assert.Contains(claim.Name, known));
        return claims;
    }

    /// <summary>E1: an error that arrives at the redirect URI, with nothing beside it.</summary>
    public void ExpectError(OidcFlow flow, AuthorizationAnswer answer, params string[] codes)
    {
        Assert.Contains(answer.Error, codes);
        Assert.Equal(flow.State, answer.State ?? "");
        Assert.Equal(Server.Issuer, answer.Issuer);
        Assert.All(answer.Values.Keys, name => Assert.Contains(name, (string[])["error", "error_description", "error_uri", "state", "iss"]));
        ExpectLegalText(answer.Values.GetValueOrDefault("error_description"));
    }

    /// <summary>E2: an error of the token endpoint.</summary>
    public static void ExpectTokenError(JsonAnswer answer, string code)
    {
        Assert.Equal(code, answer.Error);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("application/json", answer.Response.Content.Headers.ContentType!.MediaType);
        ExpectLegalText(answer.Text("error_description"));
    }

    /// <summary>An error page of ours: nothing is redirected.</summary>
    public static async Task ExpectPageAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.NotNull((await TestBrowser.ReadAsync(response)).QuerySelector("#support"));
    }

    /// <summary>prompt=none tells whether somebody is signed in.</summary>
    public async Task ExpectSignedOutAsync(OidcFlow flow) =>
        ExpectError(flow, await flow.AnswerAsync(("prompt", "none")), "login_required", "interaction_required", "account_selection_required", "consent_required");

    /// <summary>Standard claims have their types wherever they appear.</summary>
    public void ExpectStandardClaims(JsonElement claims)
    {
        foreach (var claim in claims.EnumerateObject())
        {
            switch (claim.Name)
            {
                case "email_verified" or "phone_number_verified":
                    Assert.True(claim.Value.ValueKind is JsonValueKind.True or JsonValueKind.False);
                    break;
                case "updated_at":
                    Assert.InRange(claim.Value.GetInt64(), 631_152_000, Now());
                    break;
                case "address":
                    Assert.All(claim.Value.EnumerateObject(), part => Assert.False(string.IsNullOrWhiteSpace(part.Value.GetString())));
                    break;
                case "birthdate":
                    Assert.Matches("^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4})$", claim.Value.GetString()!);
                    break;
                default:
                    Assert.False(string.IsNullOrWhiteSpace(claim.Value.GetString()) || claim.Value.GetString() == "null", claim.Name);
                    break;
            }
        }
    }

    public long Now() => Server.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The suite's estimate of entropy: Shannon's, per character, times the length.</summary>
    public static double BitsOf(string text) =>
        -text.GroupBy(c => c).Sum(group => group.Count() * Math.Log2((double)group.Count() / text.Length));

    public static string StateOf(int length) => string.Concat(Enumerable.Range(0, length).Select(i => (i % 10).ToString(CultureInfo.InvariantCulture)));

    private static void ExpectLegalText(string? text) => Assert.True(text is null || Regex.IsMatch(text, @"\A[\x20-\x21\x23-\x5B\x5D-\x7E]+\z"), text);
}
