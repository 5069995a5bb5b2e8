using System.Text;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>What mutated requests found: each was accepted, or answered wrongly, before its test was written.</summary>
public sealed class FoundByMutationTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Secret = "orders-worker-development-secret-0001";
    private static readonly string Worker = Convert.ToBase64String(Encoding.ASCII.GetBytes($"orders-worker:{Secret}"));
    private readonly SsoServer server = fixture.Server;

    [Theory]
    [InlineData("application/x-www-form-urlencoded; charset=iso-8859-1", 400)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-16", 400)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-8; charset=utf-16", 400)]
    [InlineData("application/x-www-form-urlencoded; charset=\"UTF-8\"", 200)]
    [InlineData("APPLICATION/x-www-form-urlencoded ;charset=utf-8", 200)]
    public async Task A_form_in_another_charset_than_UTF_8_is_refused(string contentType, int status)
    {
        var request = Token();
        request.ContentType = contentType;
        Assert.Equal(status, (await SendAsync(request)).Status);
    }

    [Fact]
    public async Task JSON_in_another_charset_than_UTF_8_is_refused()
    {
        var request = WireRequest.Json("POST", "/connect/register", """{"redirect_uris":["https://app.example/callback"]}""").With("Authorization", "Bearer " + await server.TokenAsync());
        request.ContentType = "application/json; charset=utf-16";
        Assert.Equal("invalid_request", AnswerRules.CodeOf(await SendAsync(request)));
        request.ContentType = "application/json; charset=UTF-8";
        Assert.Equal(201, (await SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("post", "/connect/token")]
    [InlineData("get", "/.well-known/openid-configuration")]
    public async Task A_method_in_small_letters_is_another_method(string method, string path)
    {
        var request = Token();
        (request.Method, request.Path) = (method, path);
        Assert.Equal(405, (await SendAsync(request)).Status);
    }

    [Fact]
    public async Task A_secret_in_the_header_has_one_spelling()
    {
        var unusedBits = Worker.TrimEnd('=')[..^1] + (char)(Worker.TrimEnd('=')[^1] + 1) + new string('=', Worker.Length - Worker.TrimEnd('=').Length);
        foreach (var header in new[] { $"Basic\t{Worker}", $"Basic {Worker[..8]} {Worker[8..]}", $"Basic {unusedBits}", $"Basic {Worker} x" })
        {
            var request = Token();
            request.Headers.Clear();
            var answer = await SendAsync(request.With("Authorization", header));
            Assert.True((answer.Status, AnswerRules.CodeOf(answer)) == (401, "invalid_client"), header);
        }

        var several = Token();
        several.Headers.Clear();
        Assert.Equal(200, (await SendAsync(several.With("Authorization", $"BASIC   {Worker} "))).Status);
    }

    [Fact]
    public async Task An_empty_header_beside_the_token_is_a_second_one()
    {
        var registered = await server.RegisterAsync(await server.TokenAsync(), new { redirect_uris = new[] { "https://app.example/callback" } });
        var request = new WireRequest { Method = "GET", Path = "/connect/register/" + registered.Text("client_id") };
        request.With("Authorization", "Bearer " + registered.Text("registration_access_token"));
        Assert.Equal(200, (await SendAsync(request)).Status);
        Assert.Equal(401, (await SendAsync(request.With("Authorization", ""))).Status);
    }

    [Fact]
    public async Task An_endpoint_in_capitals_answers_programs_as_the_endpoint_does()
    {
        var request = Token();
        request.Path = "/CONNECT/TOKEN";
        request.With("Sec-Fetch-Site", "cross-site");
        Assert.Equal(200, (await SendAsync(request)).Status);
        request.Method = "PUT";
        var refused = await SendAsync(request);
        Assert.Equal((405, ""), (refused.Status, refused.Body));
    }

    [Fact]
    public async Task A_sign_out_with_a_NUL_is_refused() =>
        Assert.Equal(400, (await SendAsync(WireRequest.Get("/connect/endsession", ("client_id", "notes"), ("post_logout_redirect_uri", "http://localhost:8601/"), ("state", "a\0b")))).Status);

    [Theory]
    [InlineData("limit=1&limit=1")]
    [InlineData("after=0&x=1&x=2")]
    [InlineData("after=0&x=%00")]
    public async Task The_feed_takes_each_parameter_once_and_none_with_a_NUL(string query)
    {
        var client = await OidcApp.RegisterAsync(server, client =>
        {
            (client.Kind, client.RedirectUris, client.PostLogoutRedirectUris) = (Oidc.Clients.ClientKind.Service, [], []);
            (client.GrantTypes, client.Scopes, client.Rules) = ([Oidc.Clients.ClientGrant.ClientCredentials], ["orders.read"], [Oidc.Clients.ClientRule.ReadRevocations]);
        });
        var request = new WireRequest { Method = "GET", Path = "/connect/revocations?" + query }.With("Authorization", OidcFlow.BasicOf(client.ClientId, client.Secret!).ToString());
        var answer = await SendAsync(request);
        Assert.Equal((400, "invalid_request"), (answer.Status, AnswerRules.CodeOf(answer)));
    }

    private static WireRequest Token() => WireRequest.Post("/connect/token", ("grant_type", "client_credentials")).With("Authorization", "Basic " + Worker);

    private async Task<RawMessage> SendAsync(WireRequest request)
    {
        using var connection = new WireConnection(server.Address.Port);
        return await connection.SendAsync(request.Write($"localhost:{server.Address.Port}"), hasBody: true) ?? throw new EndOfStreamException("closed without an answer");
    }
}
