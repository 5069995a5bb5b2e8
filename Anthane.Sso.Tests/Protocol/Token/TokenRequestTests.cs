using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>What the token endpoint makes of a request before any grant is looked at: its shape, and who calls.</summary>
public sealed class TokenRequestTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Path = "/connect/token";
    private const string Secret = "orders-worker-development-secret-0001";
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task A_client_gets_a_token_for_itself_that_says_so()
    {
        var answer = await server.PostFormAsync(Path, BackChannel.Basic($"orders-worker:{Secret}"), ("grant_type", "client_credentials"), ("scope", "orders.read"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("Bearer", answer.Text("token_type"));
        Assert.Equal(300, answer.Body.GetProperty("expires_in").GetInt32());
        Assert.Equal("orders.read", answer.Text("scope"));
        Assert.False(answer.Has("id_token"));
        var header = JsonAnswer.HeaderOf(answer.AccessToken);
        Assert.Equal(["alg", "kid", "typ"], header.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal("at+jwt", header.GetProperty("typ").GetString());
        Assert.Equal("RS256", header.GetProperty("alg").GetString());
        var token = JsonAnswer.PayloadOf(answer.AccessToken);
        Assert.Equal(
            ["aud", "client_id", "exp", "gid", "iat", "iss", "jti", "scope", "sub"],
            token.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal(server.Issuer, token.GetProperty("iss").GetString());
        Assert.Equal("https://orders.anthane.test", token.GetProperty("aud").GetString());
        Assert.Equal("orders-worker", token.GetProperty("sub").GetString());
        Assert.Equal("orders-worker", token.GetProperty("client_id").GetString());
        Assert.Equal(300, token.GetProperty("exp").GetInt64() - token.GetProperty("iat").GetInt64());
    }

    [Fact]
    public async Task A_service_that_names_no_scope_gets_its_API_scopes()
    {
        var answer = await server.PostFormAsync(Path, BackChannel.Worker);
        Assert.Equal("orders.read orders.write", answer.Text("scope"));
    }

    [Theory]
    [InlineData("openid")]
    [InlineData("orders.read profile")]
    [InlineData("offline_access")]
    [InlineData("orders.delete")]
    [InlineData("orders.read \"")]
    public async Task A_service_asks_for_no_scope_of_a_person_and_none_that_is_unknown(string scope)
    {
        var answer = await server.PostFormAsync(Path, [.. BackChannel.Worker, ("scope", scope)]);
        Refused(answer, HttpStatusCode.BadRequest, "invalid_scope");
    }

    [Fact]
    public async Task An_unknown_resource_is_an_invalid_target()
    {
        var answer = await server.PostFormAsync(Path, [.. BackChannel.Worker, ("resource", "https://other.example")]);
        Refused(answer, HttpStatusCode.BadRequest, "invalid_target");
        var named = await server.PostFormAsync(Path, [.. BackChannel.Worker, ("resource", "https://orders.anthane.test")]);
        Assert.Equal(HttpStatusCode.OK, named.Status);
    }

    [Fact]
    public async Task TK_01_the_token_endpoint_takes_a_posted_form_and_nothing_else()
    {
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.GetAsync(Path + "?grant_type=client_credentials")).StatusCode);
        var json = await PostRawAsync("{\"grant_type\":\"client_credentials\"}", "application/json");
        Refused(json, HttpStatusCode.BadRequest, "invalid_request");
        var inQuery = await server.PostFormAsync($"{Path}?client_id=orders-worker&client_secret={Secret}", ("grant_type", "client_credentials"));
        Refused(inQuery, HttpStatusCode.BadRequest, "invalid_request");
        var twice = await PostRawAsync($"grant_type=client_credentials&grant_type=client_credentials&client_id=orders-worker&client_secret={Secret}");
        Refused(twice, HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task TK_02_an_unknown_client_and_a_wrong_secret_are_told_the_same_after_the_same_work()
    {
        var web = await OidcApp.RegisterAsync(server);
        var secrets = server.Get<ClientSecrets>();
        var answers = new List<(string Text, long Work)>();
        foreach (var clientId in new[] { "nobody", "orders-worker", web.ClientId, "notes" })
        {
            var before = secrets.SlowChecks;
            var answer = await server.PostFormAsync(Path, BackChannel.Basic($"{clientId}:wrong-secret"), ("grant_type", "client_credentials"));
            Refused(answer, HttpStatusCode.Unauthorized, "invalid_client");
            answers.Add(($"{answer.Body} {string.Join(' ', answer.Response.Headers.WwwAuthenticate)} {answer.Response.Headers.CacheControl}", secrets.SlowChecks - before));
        }

        Assert.Single(answers.Distinct());
        Assert.Equal(1, answers[0].Work);
    }

    [Fact]
    public async Task TK_04_two_methods_of_client_authentication_at_once_are_refused()
    {
        var both = await server.PostFormAsync(Path, BackChannel.Basic($"orders-worker:{Secret}"), BackChannel.Worker);
        Refused(both, HttpStatusCode.BadRequest, "invalid_request");
        (string, string)[] assertion = [("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", "a.b.c")];
        Refused(await server.PostFormAsync(Path, [.. BackChannel.Worker, .. assertion]), HttpStatusCode.BadRequest, "invalid_request");
        Refused(await server.PostFormAsync(Path, BackChannel.Basic($"orders-worker:{Secret}"), [("grant_type", "client_credentials"), .. assertion]), HttpStatusCode.BadRequest, "invalid_request");
        Refused(await server.PostFormAsync(Path, [("grant_type", "client_credentials"), ("client_id", "orders-worker"), .. assertion]), HttpStatusCode.Unauthorized, "invalid_client");
    }

    [Theory]
    [InlineData("Basic b3JkZXJzLXdvcmtlcg==")] // no colon
    [InlineData("Basic not-base64!")]
    [InlineData("Basic")]
    [InlineData("Basic OnNlY3JldA==")] // no id
    [InlineData("Bearer abc")]
    [InlineData("Negotiate abc")]
    [InlineData("Basic b3JkZXJzLXdvcmtlcjolJSU=")] // %%% as the secret
    public async Task TK_05_a_Basic_header_that_cannot_be_read_is_no_authentication(string header)
    {
        var answer = await server.PostFormAsync(Path, header, ("grant_type", "client_credentials"));
        Refused(answer, HttpStatusCode.Unauthorized, "invalid_client");
        Assert.StartsWith("Basic", answer.Response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TK_05_the_id_in_the_header_and_in_the_body_must_agree_and_both_parts_are_form_decoded()
    {
        var differ = await server.PostFormAsync(Path, BackChannel.Basic($"orders-worker:{Secret}"), ("grant_type", "client_credentials"), ("client_id", "notes"));
        Refused(differ, HttpStatusCode.Unauthorized, "invalid_client");
        var encoded = await server.PostFormAsync(Path, BackChannel.Basic($"orders%2Dworker:{Secret.Replace("-", "%2d", StringComparison.Ordinal)}"), ("grant_type", "client_credentials"));
        Assert.Equal(HttpStatusCode.OK, encoded.Status);
        var agree = await server.PostFormAsync(Path, BackChannel.Basic($"orders-worker:{Secret}"), ("grant_type", "client_credentials"), ("client_id", "orders-worker"));
        Assert.Equal(HttpStatusCode.OK, agree.Status);
    }

    [Theory]
    [InlineData("password", "unsupported_grant_type")]
    [InlineData("urn:ietf:params:oauth:grant-type:device_code", "unauthorized_client")]
    [InlineData("urn:ietf:params:oauth:grant-type:token-exchange", "unauthorized_client")]
    [InlineData("urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type")]
    [InlineData("CLIENT_CREDENTIALS", "unsupported_grant_type")]
    [InlineData("authorization_code", "unauthorized_client")]
    [InlineData("refresh_token", "unauthorized_client")]
    [InlineData("", "invalid_request")]
    public async Task TK_11_a_grant_that_the_client_has_not_or_nobody_has_is_refused(string grantType, string error)
    {
        var answer = await server.PostFormAsync(
            Path,
            [.. BackChannel.Worker[1..], ("grant_type", grantType), ("code", "x"), ("refresh_token", "x"), ("username", Person.Alice.UserName), ("password", Person.Alice.Password)]);
        Refused(answer, HttpStatusCode.BadRequest, error);
    }

    [Fact]
    public async Task TK_12_a_public_or_a_web_client_gets_no_token_for_itself()
    {
        Refused(await server.PostFormAsync(Path, ("grant_type", "client_credentials"), ("client_id", "notes")), HttpStatusCode.BadRequest, "unauthorized_client");
        var web = await OidcApp.RegisterAsync(server);
        Refused(await server.PostFormAsync(Path, ("grant_type", "client_credentials"), ("client_id", web.ClientId), ("client_secret", web.Secret!)), HttpStatusCode.BadRequest, "unauthorized_client");
        Assert.False((await server.PostFormAsync(Path, BackChannel.Worker)).Has("refresh_token"));
    }

    [Fact]
    public async Task TK_34_hostile_forms_are_refused_and_never_break_the_server()
    {
        var manyKeys = string.Join('&', Enumerable.Range(0, 2000).Select(i => $"k{i}=1"));
        Refused(await PostRawAsync(manyKeys), HttpStatusCode.BadRequest, "invalid_request");
        Refused(await PostRawAsync("a=" + new string('x', 10_000_000)), HttpStatusCode.RequestEntityTooLarge, "request_too_large");
        Refused(await PostRawAsync(new string('k', 1_000_000) + "=1"), HttpStatusCode.RequestEntityTooLarge, "request_too_large");
        foreach (var body in new[] { new string('k', 300) + "=1", "%zz=%", "grant_type=%00", "=&=&=", "", "&&&&", "grant_type=%ff%fe", "client_id=%00&grant_type=client_credentials", "a[]=1&a[b]=2" })
        {
            var answer = await PostRawAsync(body);
            Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized, $"{body}: {answer.Status}");
        }

        Assert.DoesNotContain(server.Logs, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TK_34_a_form_without_a_length_ends_at_the_limit_too()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Address.Host, server.Address.Port, TestContext.Current.CancellationToken);
        var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"), TestContext.Current.CancellationToken);
        var chunk = Encoding.ASCII.GetBytes("4000\r\n" + new string('a', 0x4000) + "\r\n");
        for (var i = 0; i < 5; i++)
        {
            await stream.WriteAsync(chunk, TestContext.Current.CancellationToken);
        }

        using var reader = new StreamReader(stream);
        Assert.Contains("413", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TK_35_descriptions_hold_safe_characters_alone_no_echo_of_input_and_are_never_stored()
    {
        const string hostile = "evil\"\\<script>\u00e9\r\n";
        foreach (var form in new (string, string)[][]
        {
            [("grant_type", hostile), ("client_id", "notes")],
            [("grant_type", "authorization_code"), ("client_id", "notes"), ("code", hostile)],
            [("grant_type", "refresh_token"), ("client_id", "notes"), ("refresh_token", hostile)],
            [("grant_type", "client_credentials"), ("client_id", hostile), ("client_secret", hostile)],
            [.. BackChannel.Worker, ("scope", hostile)],
            [.. BackChannel.Worker, ("resource", hostile)],
        })
        {
            var answer = await server.PostFormAsync(Path, form);
            Assert.True((int)answer.Status is 400 or 401, answer.Status.ToString());
            Assert.Matches(new Regex(@"^[\x20-\x21\x23-\x5B\x5D-\x7E]+$"), answer.Text("error_description"));
            Assert.DoesNotContain("evil", answer.Body.ToString(), StringComparison.Ordinal);
            Assert.Equal("no-store", answer.Response.Headers.CacheControl!.ToString());
        }

        Assert.All(server.Logs, line => Assert.DoesNotMatch("evil.*[\r\n\u00e9]", line));
    }

    private static void Refused(JsonAnswer answer, HttpStatusCode status, string error)
    {
        Assert.True(answer.Status == status && answer.Error == error, $"{answer.Status} {answer.Body}");
        Assert.Equal("application/json", answer.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
    }

    private Task<JsonAnswer> PostRawAsync(string body, string contentType = "application/x-www-form-urlencoded")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, Path))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } },
        };

        // A large body is announced first, and so never sent to a server that refuses it.
        request.Headers.ExpectContinue = body.Length > 60_000;
        return server.SendAsync(request);
    }
}
