using System.Net;
using System.Net.Http.Headers;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>oidcc-basic: what userinfo tells, by which method, for which scope.</summary>
public abstract class BasicClaimSuite(ConformanceRun run)
{
    private static readonly string[] OfProfile =
    [
        "name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale",
        "updated_at", "preferred_username",
    ];

    [Fact]
    public Task oidcc_userinfo_get() => UserInfoByAsync(token => Request(HttpMethod.Get, token, null));

    [Fact]
    public Task oidcc_userinfo_post_header() => UserInfoByAsync(token => Request(HttpMethod.Post, token, null));

    [Fact]
    public Task oidcc_userinfo_post_body() => UserInfoByAsync(token => Request(HttpMethod.Post, null, new FormUrlEncodedContent([KeyValuePair.Create("access_token", token)])));

    [Fact]
    public Task oidcc_scope_profile() => ScopeAsync("openid profile", OfProfile);

    [Fact]
    public Task oidcc_scope_email() => ScopeAsync("openid email", "email", "email_verified");

    [Fact]
    public Task oidcc_scope_address() => ScopeAsync("openid address", "address");

    [Fact]
    public Task oidcc_scope_phone() => ScopeAsync("openid phone", "phone_number", "phone_number_verified");

    [Fact]
    public Task oidcc_scope_all() =>
        ScopeAsync("openid profile email address phone", [.. OfProfile, "email", "email_verified", "address", "phone_number", "phone_number_verified"]);

    private async Task UserInfoByAsync(Func<string, HttpRequestMessage> request)
    {
        var flow = run.Flow();
        var (idToken, tokens) = await run.RunAsync(flow, ("scope", "openid profile email address phone"));
        var answer = await JsonAnswer.ReadAsync(await flow.Browser.SendAsync(request(tokens.AccessToken)));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/json", answer.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(idToken.GetProperty("sub").GetString(), answer.Text("sub"));
        run.ExpectStandardClaims(answer.Body);
    }

    /// <summary>Exactly these claims in userinfo, none of them in the ID token.</summary>
    private async Task ScopeAsync(string scope, params string[] expected)
    {
        var flow = run.Flow();
        var supported = (await run.DiscoveryAsync()).GetProperty("scopes_supported").EnumerateArray().Select(value => value.GetString()!).ToHashSet();
        Assert.Subset(supported, scope.Split(' ').ToHashSet());
        var (idToken, tokens) = await run.RunAsync(flow, ("scope", scope));
        var userInfo = await flow.UserInfoAsync(tokens.AccessToken);
        Assert.Equal(expected.Append("sub").Order(StringComparer.Ordinal), userInfo.Body.EnumerateObject().Select(claim => claim.Name).Order(StringComparer.Ordinal));
        Assert.All(expected, name => Assert.False(idToken.TryGetProperty(name, out _), name));
        run.ExpectStandardClaims(userInfo.Body);
    }

    private HttpRequestMessage Request(HttpMethod method, string? token, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, new Uri(run.Server.Address, "/connect/userinfo")) { Content = content };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return request;
    }
}

[Collection<ConformanceCollection>]
public sealed class BasicClaimTests(ConformanceRun run) : BasicClaimSuite(run);
