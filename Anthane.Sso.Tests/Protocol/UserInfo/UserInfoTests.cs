using System.Net;
using System.Text;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.UserInfo;

/// <summary>Which tokens open userinfo, and how they are sent.</summary>
public sealed class UserInfoTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Path = "/connect/userinfo";
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task TK_25_an_ID_token_a_refresh_token_or_no_token_is_401()
    {
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync();
        foreach (var token in new[] { tokens.IdToken, tokens.RefreshToken, "x", "a.b.c", tokens.AccessToken[..^4] + "AAAA" })
        {
            Refused(await GetAsync("Bearer " + token), HttpStatusCode.Unauthorized, "invalid_token");
        }

        var none = await server.GetJsonAsync(Path);
        Assert.Equal(HttpStatusCode.Unauthorized, none.Status);
        Assert.Equal(["Bearer", "DPoP algs=\"ES256 PS256\""], none.Response.Headers.WwwAuthenticate.Select(challenge => challenge.ToString()));
    }

    [Fact]
    public async Task TK_25_a_token_without_openid_or_of_a_client_itself_is_403()
    {
        var flow = await server.SignedInAsync();
        var narrow = await flow.TokensAsync(("scope", "orders.read"));
        Refused(await GetAsync("Bearer " + narrow.AccessToken), HttpStatusCode.Forbidden, "insufficient_scope");
        var worker = await server.PostFormAsync("/connect/token", BackChannel.Worker);
        Refused(await GetAsync("Bearer " + worker.AccessToken), HttpStatusCode.Forbidden, "insufficient_scope");
    }

    [Fact]
    public async Task TK_25_a_token_in_the_address_or_in_two_places_is_400()
    {
        var token = (await (await server.SignedInAsync()).TokensAsync()).AccessToken;
        Refused(await server.GetJsonAsync($"{Path}?access_token={token}"), HttpStatusCode.BadRequest, "invalid_request");
        Refused(await server.PostFormAsync(Path, "Bearer " + token, ("access_token", token)), HttpStatusCode.BadRequest, "invalid_request");
        var twice = await server.GetJsonAsync(Path, ("Authorization", "Bearer " + token), ("Authorization", "Bearer " + token));
        Assert.True((int)twice.Status is 400 or 401, twice.Status.ToString());
    }

    [Theory]
    [InlineData("Basic ")]
    [InlineData("DPoP ")]
    [InlineData("Bearer  ")]
    [InlineData("Bearer")]
    [InlineData("")]
    public async Task TK_32_a_token_under_another_scheme_is_401(string scheme)
    {
        var token = (await (await server.SignedInAsync()).TokensAsync()).AccessToken;
        Refused(await GetAsync(scheme + token), HttpStatusCode.Unauthorized, "invalid_token");
    }

    [Fact]
    public async Task A_token_opens_it_by_header_in_any_case_or_in_a_form_until_it_expires()
    {
        await using var own = await SsoServer.StartAsync();
        var token = (await (await own.SignedInAsync()).TokensAsync(("scope", "openid email"))).AccessToken;
        var subject = await own.SubjectIdAsync(Person.Alice);
        foreach (var answer in new[]
        {
            await own.GetJsonAsync(Path, ("Authorization", "bearer " + token)),
            await own.PostFormAsync(Path, "BEARER " + token, ("x", "y")),
            await own.PostFormAsync(Path, ("access_token", token)),
        })
        {
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal(subject, answer.Text("sub"));
            Assert.Equal(["email", "email_verified", "sub"], answer.Body.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        }

        own.Clock.Advance(TimeSpan.FromSeconds(300));
        Refused(await own.GetJsonAsync(Path, ("Authorization", "Bearer " + token)), HttpStatusCode.Unauthorized, "invalid_token");
    }

    [Fact]
    public async Task A_form_that_is_too_large_is_413()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, Path)) { Content = new StringContent("access_token=" + new string('a', 100_000), Encoding.UTF8, "application/x-www-form-urlencoded") };
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.SendAsync(request)).Status);
    }

    private Task<JsonAnswer> GetAsync(string authorization) => server.GetJsonAsync(Path, ("Authorization", authorization));

    private static void Refused(JsonAnswer answer, HttpStatusCode status, string error)
    {
        Assert.True(answer.Status == status && answer.Error == error, $"{answer.Status} {answer.Body}");
        Assert.Contains($"error=\"{error}\"", answer.Response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
    }
}
