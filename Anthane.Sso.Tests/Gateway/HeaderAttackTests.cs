using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Section 2.5 of the attack book: what a client writes into headers, and what a service receives.</summary>
public sealed class HeaderAttackTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly string[] Targets = ["/public/x", "/orders"];

    private TestIssuer Issuer => fixture.Issuer;

    [Fact]
    public async Task GH_01_an_identity_header_of_a_client_is_replaced_or_removed()
    {
        Assert.Equal("alice@anthane.test", (await Seen("/orders", "X-Jwt-Email: mallory@evil.test"))["X-Jwt-Email"]);
        Assert.Null((await Seen("/public/x", "X-Jwt-Email: mallory@evil.test"))["X-Jwt-Email"]);
    }

    [Theory]
    [InlineData("X-Jwt-Roles")]
    [InlineData("X-Jwt-Anything")]
    [InlineData("x-jwt")]
    [InlineData("X-JWTEmail")]
    [InlineData("X-Jwt-Assertion")]
    [InlineData("X-Anthane-Subject")]
    public async Task GH_02_every_header_of_the_family_is_removed_whether_we_set_it_or_not(string name)
    {
        foreach (var target in Targets)
            Assert.Null((await Seen(target, $"{name}: admin"))[name]);
    }

    [Theory]
    [InlineData("X_Jwt_Email")]
    [InlineData("X-Jwt_Email")]
    [InlineData("x_jwt-email")]
    public async Task GH_03_a_name_with_an_underscore_is_refused(string name) => await RefusedHeader(name);

    [Theory]
    [InlineData("X.Jwt.Email")]
    [InlineData("X-Jwt.Email")]
    [InlineData("X!Jwt!Email")]
    [InlineData("X~Jwt'Email")]
    public async Task GH_04_a_name_has_letters_digits_and_hyphens_only(string name) => await RefusedHeader(name);

    [Fact]
    public async Task GH_05_exactly_one_value_arrives_and_it_is_ours()
    {
        var seen = await Seen("/orders", "x-jWt-eMaIl: a@evil.test", "X-JWT-EMAIL: b@evil.test", "x-jwt-email: c@evil.test");
        Assert.Equal("alice@anthane.test", seen["x-jwt-email"]);
    }

    [Fact]
    public async Task GH_06_a_client_can_nominate_its_own_headers_away_and_not_ours()
    {
        var request = $"GET /orders HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {Issuer.Token()}\r\nX-Mine: 1\r\nX-Other: 2\r\nConnection: ";
        var seen = await fixture.PassedAsync(() => fixture.Gateway.SendAsync(request + "X-Jwt-Email, X-Mine\r\n\r\n"));
        Assert.Equal("alice@anthane.test", seen["x-jwt-email"]);
        Assert.Null(seen["X-Mine"]);
        Assert.Equal("2", seen["X-Other"]);

        seen = await fixture.PassedAsync(() => fixture.Gateway.SendAsync(request + "close, X-Jwt-Email, X-Forwarded-For\r\n\r\n"));
        Assert.Equal("alice@anthane.test", seen["x-jwt-email"]);
        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
    }

    [Theory]
    [InlineData("X-Jwt-Email : x")]
    [InlineData("X-Mine: a\r\n X-Jwt-Email: x")]
    [InlineData("X-Mine: a\rb")]
    public async Task GH_07_a_header_that_is_not_well_formed_is_refused(string line) =>
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/public/x", [line]), 400);

    [Fact]
    public async Task GH_08_a_line_break_in_a_claim_neither_ends_the_header_nor_loses_it()
    {
        var seen = await Seen(claims => claims["name"] = "Alice\r\nX-Evil: 1\r\n\r\nGET /smuggled HTTP/1.1");
        Assert.Equal("Alice%0D%0AX-Evil:%201%0D%0A%0D%0AGET%20/smuggled%20HTTP/1.1", seen["x-jwt-name"]);
        Assert.Null(seen["X-Evil"]);
    }

    [Theory]
    [InlineData("Jürgen")]
    [InlineData("李")]
    [InlineData("Zoë Жанна 山田 🎩")]
    [InlineData("100% sure")]
    [InlineData("%41")]
    [InlineData("a~b!#$&'()*+/:=?@[]^_`{|}")]
    public async Task GH_09_a_name_in_any_language_arrives_and_decodes_in_one_step(string name)
    {
        var value = (await Seen(claims => claims["name"] = name))["x-jwt-name"]!;
        Assert.Equal(name, Uri.UnescapeDataString(value));
        Assert.All(value, character => Assert.InRange(character, '\u0021', '\u007E'));
    }

    [Fact]
    public async Task GH_10_control_characters_of_a_claim_are_encoded() =>
        Assert.Equal("a%00b%09c%1Bd%7F", (await Seen(claims => claims["name"] = "a\0b\tc\u001Bd\u007F"))["x-jwt-name"]);

    [Fact]
    public async Task GH_11_a_separator_in_a_claim_makes_no_second_value()
    {
        var seen = await Seen(claims =>
        {
            claims["email"] = "a@x.test,admin@x.test";
            claims["name"] = "a;b\"c";
            claims["roles"] = new JsonArray("reader", "admin,owner", "");
        });
        Assert.Equal("a@x.test%2Cadmin@x.test", seen["x-jwt-email"]);
        Assert.Equal("a%3Bb%22c", seen["x-jwt-name"]);
        Assert.Equal("reader,admin%2Cowner,", seen["x-jwt-roles"]);
    }

    [Fact]
    public async Task GH_12_claims_that_do_not_fit_are_refused_and_never_cut()
    {
        var roles = new JsonArray([.. Enumerable.Range(0, 1_000).Select(number => JsonValue.Create($"role-{number}"))]);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", Issuer.Token(claims => claims["roles"] = roles.DeepClone())), 403);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", Issuer.Token(claims => claims["name"] = new string('x', 8_200))), 403);
        Assert.Contains("bytes of headers", fixture.Gateway.Log.Text, StringComparison.Ordinal);
        var seen = await Seen(claims => claims["roles"] = new JsonArray([.. roles.Take(200).Select(role => role!.DeepClone())]));
        Assert.Equal(200, seen["x-jwt-roles"]!.Split(',').Length);
    }

    [Fact]
    public async Task GH_13_a_claim_that_is_not_there_is_a_header_that_is_not_there()
    {
        var seen = await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/orders", Issuer.Token(claims =>
        {
            claims.Remove("email");
            claims["name"] = "";
            claims["roles"] = new JsonArray();
        }), "X-Jwt-Email: mallory@evil.test", "X-Jwt-Name: Mallory", "X-Jwt-Roles: admin"));
        Assert.Null(seen["x-jwt-email"]);
        Assert.Null(seen["x-jwt-name"]);
        Assert.Null(seen["x-jwt-roles"]);
    }

    [Theory]
    [InlineData("Forwarded: for=1.2.3.4")]
    [InlineData("X-Real-IP: 1.2.3.4")]
    [InlineData("X-Original-URL: /admin")]
    [InlineData("X-Rewrite-URL: /admin")]
    [InlineData("X-HTTP-Method-Override: DELETE")]
    [InlineData("X-HTTP-Method: DELETE")]
    [InlineData("X-Method-Override: DELETE")]
    [InlineData("X-Envoy-Original-Path: /admin")]
    [InlineData("X-Forwarded-Uri: /admin")]
    [InlineData("X-Forwarded-Prefix: /admin")]
    [InlineData("X-Forwarded-User: admin")]
    [InlineData("Proxy: http://evil.test")]
    [InlineData("True-Client-IP: 1.2.3.4")]
    [InlineData("Via: 1.1 elsewhere")]
    public async Task GH_14_what_proxies_tell_each_other_is_not_for_clients_to_say(string line)
    {
        foreach (var target in Targets)
            Assert.Null((await Seen(target, line))[line.Split(':')[0]]);
    }

    [Fact]
    public async Task GH_14_where_a_request_came_from_is_what_the_gateway_saw()
    {
        var seen = await Seen("/orders", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil.test", "X-Forwarded-Proto: https");
        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Equal("gateway.test", seen["X-Forwarded-Host"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
    }

    [Fact]
    public async Task GH_15_the_sign_on_cookie_and_the_token_stay_at_the_gateway()
    {
        var seen = await Seen("/orders", "Cookie: theme=dark; __Host-anthane-session=secret; anthane-device=secret; lang=en");
        Assert.Equal("theme=dark; lang=en", seen["Cookie"]);
        Assert.Null(seen["Authorization"]);
        Assert.Null((await Seen("/public/x", "Cookie: __Host-anthane-session=secret"))["Cookie"]);
        Assert.Equal("a=1; b=2", (await Seen("/public/x", "Cookie: a=1", "Cookie: __host-Anthane=x", "Cookie: b=2"))["Cookie"]);
    }

    [Fact]
    public async Task GH_16_a_service_cannot_speak_for_the_gateway_or_the_sign_on_service()
    {
        fixture.Upstream.Answer = (_, stream) => RawServer.RespondAsync(stream, "200 OK", "hello",
            "Set-Cookie: __Host-anthane-session=stolen; Path=/", "Set-Cookie: theme=dark", "X-Jwt-Email: x", "Server: old/1.0", "X-Powered-By: it",
            "Access-Control-Allow-Origin: *", "Vary: Accept");
        var response = await fixture.Gateway.GetAsync("/public/x");
        fixture.Upstream.Answer = static (_, stream) => RawServer.RespondAsync(stream, "200 OK", "hello");

        Assert.Equal("theme=dark", response["Set-Cookie"]);
        Assert.Null(response["X-Jwt-Email"]);
        Assert.Null(response["Server"]);
        Assert.Null(response["Access-Control-Allow-Origin"]);
        Assert.Equal("it", response["X-Powered-By"]);
        Assert.Equal("Accept", response["Vary"]);
    }

    [Fact]
    public async Task GH_17_a_trailer_is_no_header()
    {
        var token = Issuer.Token();
        var response = await fixture.Gateway.SendAsync(
            $"POST /orders HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Jwt-Email\r\nConnection: close\r\n\r\n"
            + "5\r\nhello\r\n0\r\nX-Jwt-Email: mallory@evil.test\r\n\r\n");
        Assert.Equal(200, response.Status);
        Assert.Equal("alice@anthane.test", fixture.Upstream.Last["x-jwt-email"]);
        Assert.Null(fixture.Upstream.Last["Trailer"]);
    }

    [Fact]
    public async Task GH_18_a_WebSocket_needs_a_token_and_a_known_origin()
    {
        string[] handshake = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
        await fixture.RefusedAsync(() => fixture.Gateway.SendAsync(Handshake("/orders", handshake)), 401);
        await fixture.RefusedAsync(
            () => fixture.Gateway.SendAsync(Handshake("/orders", [.. handshake, $"Authorization: Bearer {Issuer.Token()}", "Origin: https://evil.test"])), 403);

        fixture.Upstream.Answer = static async (request, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"u8.ToArray());
            return false;
        };
        var response = await fixture.Gateway.SendAsync(Handshake("/orders", [.. handshake, $"Authorization: Bearer {Issuer.Token()}"]));
        fixture.Upstream.Answer = static (_, stream) => RawServer.RespondAsync(stream, "200 OK", "hello");

        Assert.Equal(101, response.Status);
        Assert.Equal("alice@anthane.test", fixture.Upstream.Last["x-jwt-email"]);
        Assert.Equal("websocket", fixture.Upstream.Last["Upgrade"], ignoreCase: true);
    }

    [Theory]
    [InlineData("h2c")]
    [InlineData("SPDY/3.1")]
    [InlineData("TLS/1.0")]
    public async Task GH_18_no_other_protocol_is_switched_to(string protocol)
    {
        await fixture.Gateway.SendAsync(Handshake("/public/x", [$"Upgrade: {protocol}", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"]));
        Assert.Null(fixture.Upstream.Last["Upgrade"]);
        Assert.Null(fixture.Upstream.Last["HTTP2-Settings"]);
        Assert.Null(fixture.Upstream.Last["Connection"]);
    }

    [Fact]
    public async Task GH_19_a_route_that_says_nothing_needs_a_token() => await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/new/x"), 401);

    [Theory]
    [InlineData("/orders", "Cookie: __Host-anthane-session=%%%")]
    [InlineData("/orders", "Cookie: .AspNetCore.Cookies=x; session=y")]
    [InlineData("/orders", "User-Agent: kube-probe/1.30")]
    [InlineData("/orders", "User-Agent: GoogleHC/1.0")]
    [InlineData("/orders/ping", "X-Mine: 1")]
    [InlineData("/orders/health/live", "X-Mine: 1")]
    [InlineData("/orders?/health/live", "X-Mine: 1")]
    public async Task GH_21_nothing_but_a_token_gets_past_the_gateway(string target, string line) =>
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync(target, [line]), 401);

    [Fact]
    public async Task GH_22_a_preflight_is_answered_by_the_gateway()
    {
        var before = fixture.Upstream.Hits;
        var response = await fixture.Gateway.SendAsync(
            RawClient.Request("OPTIONS", "/orders", "Origin: https://evil.test", "Access-Control-Request-Method: GET"));
        Assert.Equal(204, response.Status);
        Assert.Null(response["Access-Control-Allow-Origin"]);
        Assert.Equal(before, fixture.Upstream.Hits);
        await fixture.RefusedAsync(() => fixture.Gateway.SendAsync(RawClient.Request("OPTIONS", "/orders")), 401);
    }

    [Fact]
    public async Task Bytes_outside_ASCII_in_other_headers_pass_unchanged()
    {
        var value = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("Zoë"));
        Assert.Equal(value, (await Seen("/public/x", $"X-Mine: {value}"))["X-Mine"]);
    }

    private static string Handshake(string target, string[] headers) =>
        $"GET {target} HTTP/1.1\r\nHost: gateway.test\r\nConnection: Upgrade\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    private async Task RefusedHeader(string name)
    {
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/public/x", [$"{name}: mallory@evil.test"]), 400);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", Issuer.Token(), $"{name}: mallory@evil.test"), 400);
    }

    private Task<RawMessage> Seen(Action<JsonObject> claims) => fixture.PassedAsync(() => fixture.Gateway.GetAsync("/orders", Issuer.Token(claims)));

    private Task<RawMessage> Seen(string target, params string[] headers) =>
        fixture.PassedAsync(() => target == "/orders" ? fixture.Gateway.GetAsync(target, Issuer.Token(), headers) : fixture.Gateway.GetAsync(target, headers));
}
