using System.Buffers.Text;
using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Section 2.3 of the attack book: hostile tokens. Each is refused by the gateway itself, and the service never sees the request.</summary>
public sealed class TokenAttackTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private TestIssuer Issuer => fixture.Issuer;

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task JV_01_a_token_that_nobody_signed_is_refused(string algorithm)
    {
        var token = Issuer.Token(header: header => header["alg"] = algorithm);
        await Refused(token);
        await Refused(token[..(token.LastIndexOf('.') + 1)]);
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("der")]
    [InlineData("jwk")]
    public async Task JV_02_the_public_key_is_no_shared_secret(string form)
    {
        var secret = form switch
        {
            "pem" => Encoding.ASCII.GetBytes(TestKey.SharedRsa.ExportSubjectPublicKeyInfoPem()),
            "der" => TestKey.SharedRsa.ExportSubjectPublicKeyInfo(),
            _ => Encoding.ASCII.GetBytes(Issuer.Key.Jwk.ToJsonString()),
        };
        var signed = Signed(Header("HS256"));
        await Refused($"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}");
    }

    [Theory]
    [InlineData("RS384")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task JV_03_an_algorithm_that_is_only_named_is_refused(string algorithm) =>
        await Refused(Issuer.Token(header: header => header["alg"] = algorithm));

    [Theory]
    [InlineData("PS256")]
    [InlineData("RS512")]
    [InlineData("RS384")]
    [InlineData("PS512")]
    public async Task JV_03_a_true_signature_by_another_algorithm_of_the_same_key_is_refused(string algorithm)
    {
        var signed = Signed(Header(algorithm));
        await Refused($"{signed}.{Base64Url.EncodeToString(TestKey.SignRsa(TestKey.SharedRsa, Encoding.ASCII.GetBytes(signed), algorithm))}");
    }

    [Theory]
    [InlineData(" RS256")]
    [InlineData("rs256")]
    [InlineData("RS256\0")]
    public async Task JV_04_an_algorithm_has_one_spelling(string algorithm) => await Refused(Issuer.Token(header: header => header["alg"] = algorithm));

    [Fact]
    public async Task JV_05_a_key_that_comes_with_the_token_is_not_believed()
    {
        var attacker = TestKey.Rsa("key-1", other: true);
        await Refused(Issuer.Token(header: header => header["jwk"] = attacker.Jwk.DeepClone(), key: attacker));
        await Refused(Issuer.Token(header: header => header["x5c"] = new JsonArray("AAAA"), key: attacker));
        await Refused(Issuer.Token(key: attacker));
    }

    [Theory]
    [InlineData("jku")]
    [InlineData("x5u")]
    public async Task JV_06_an_address_in_the_token_is_neither_called_nor_tolerated(string name)
    {
        await using var listener = new RawServer();
        await Refused(Issuer.Token(header: header => header[name] = listener.Url + "/jwks"));
        Assert.Equal(0, listener.Hits);
    }

    [Theory]
    [InlineData("jwk", """{"kty":"oct"}""")]
    [InlineData("x5c", "[]")]
    public async Task JV_06_a_valid_token_that_carries_a_key_is_refused(string name, string value) =>
        await Refused(Issuer.Token(header: header => header[name] = JsonNode.Parse(value)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("key-2")]
    [InlineData("KEY-1")]
    [InlineData("../../x")]
    [InlineData("' OR 1=1--")]
    [InlineData("line\r\nbreak")]
    public async Task JV_07_a_key_is_found_by_its_exact_name_or_not_at_all(string? keyId)
    {
        await Refused(Issuer.Token(header: header => header["kid"] = keyId));
        Assert.DoesNotContain("line\r\nbreak", fixture.Gateway.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JV_07_a_token_without_a_key_name_or_with_an_endless_one_is_refused()
    {
        await Refused(Issuer.Token(header: header => header.Remove("kid")));
        await Refused(Issuer.Token(header: header => header["kid"] = new string('k', 20_000)));
        await Refused(Issuer.Token(header: header => header["kid"] = 1));
    }

    [Theory]
    [InlineData("""["x"]""")]
    [InlineData("[]")]
    [InlineData("""["exp"]""")]
    public async Task JV_09_a_critical_header_is_refused(string value) => await Refused(Issuer.Token(header: header => header["crit"] = JsonNode.Parse(value)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task JV_10_an_unencoded_payload_is_refused(bool critical) => await Refused(Issuer.Token(header: header =>
    {
        header["b64"] = false;
        if (critical)
            header["crit"] = new JsonArray("b64");
    }));

    [Theory]
    [InlineData("JWT")]
    [InlineData("logout+jwt")]
    [InlineData("dpop+jwt")]
    [InlineData("at+jwt ")]
    [InlineData("application/application/at+jwt")]
    [InlineData("")]
    [InlineData(null)]
    public async Task JV_11_another_kind_of_token_is_refused(string? type)
    {
        await Refused(Issuer.Token(header: header => header["typ"] = type));
        await Refused(Issuer.Token(header: header => header.Remove("typ")));
    }

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("application/at+jwt")]
    public async Task JV_11_an_access_token_is_accepted(string type) => await Passed(Issuer.Token(header: header => header["typ"] = type));

    [Fact]
    public async Task JV_12_an_id_token_for_a_client_that_is_named_like_the_service_is_refused() =>
        await Refused(Issuer.Token(claims => claims["nonce"] = "n", header => header["typ"] = "JWT"));

    [Theory]
    [InlineData(-331, null)]
    [InlineData(0, 61)]
    public async Task JV_13_an_expired_token_and_one_from_the_future_are_refused(int moveBy, int? notBeforeIn)
    {
        await Refused(Issuer.Token(claims => Move(claims, moveBy, notBeforeIn)));
        await Refused(Issuer.Token(claims => Move(claims, moveBy - (notBeforeIn is null ? 30 : 0), notBeforeIn)));
    }

    [Theory]
    [InlineData(-329, null)]
    [InlineData(25, 25)]
    public async Task JV_13_clocks_may_differ_by_30_seconds(int moveBy, int? notBeforeIn) => await Passed(Issuer.Token(claims => Move(claims, moveBy, notBeforeIn)));

    [Theory]
    [InlineData("exp", "\"1800000000\"")]
    [InlineData("exp", "1895648400.5")]
    [InlineData("exp", "1e18")]
    [InlineData("exp", "1e10")]
    [InlineData("exp", "99999999999999999999")]
    [InlineData("exp", "null")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "true")]
    [InlineData("iat", "\"1\"")]
    [InlineData("iat", "1.0")]
    [InlineData("nbf", "\"1\"")]
    [InlineData("nbf", "1.5")]
    [InlineData("nbf", "null")]
    public async Task JV_14_an_instant_is_a_whole_number(string name, string value) =>
        await Refused(Issuer.Token(claims => claims[name] = JsonNode.Parse(value)));

    [Fact]
    public async Task JV_14_a_token_says_when_it_ends_and_lives_at_most_a_day()
    {
        var now = fixture.Clock.GetUtcNow().ToUnixTimeSeconds();
        await Refused(Issuer.Token(claims => claims.Remove("exp")));
        await Refused(Issuer.Token(claims => claims.Remove("iat")));
        await Refused(Issuer.Token(claims => claims["iat"] = now + 86_400));
        await Refused(Issuer.Token(claims => claims["exp"] = now + 86_401));
        await Passed(Issuer.Token(claims => claims["exp"] = now + 86_400));
    }

    [Theory]
    [InlineData("\"https://other.test\"")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("\"https://orders.anthane.test other\"")]
    [InlineData("\"HTTPS://ORDERS.ANTHANE.TEST\"")]
    [InlineData("\"https://orders.anthane.test/\"")]
    [InlineData("[\"https://orders.anthane.test/\"]")]
    [InlineData("[\"https://orders.anthane.test\", 1]")]
    [InlineData("{\"https://orders.anthane.test\": 1}")]
    public async Task JV_15_a_token_for_somebody_else_is_refused(string audience) =>
        await Refused(Issuer.Token(claims => claims["aud"] = JsonNode.Parse(audience)));

    [Fact]
    public async Task JV_15_one_audience_of_several_suffices()
    {
        await Refused(Issuer.Token(claims => claims.Remove("aud")));
        await Passed(Issuer.Token(claims => claims["aud"] = new JsonArray("https://other.test", TestIssuer.Audience)));
    }

    [Fact]
    public async Task JV_16_another_spelling_of_the_issuer_is_another_issuer()
    {
        await Refused(Issuer.Token(claims => claims["iss"] = Issuer.Authority + "/"));
        await Refused(Issuer.Token(claims => claims["iss"] = Issuer.Authority.ToUpperInvariant()));
        await Refused(Issuer.Token(claims => claims["iss"] = new JsonArray(Issuer.Authority)));
        await Refused(Issuer.Token(claims => claims["iss"] = Issuer.Authority + "\0"));
        await Refused(Issuer.Token(claims => claims.Remove("iss")));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("17")]
    [InlineData("{}")]
    [InlineData("[\"alice-id\"]")]
    public async Task JV_17_a_token_says_whom_it_stands_for(string subject)
    {
        await Refused(Issuer.Token(claims => claims["sub"] = JsonNode.Parse(subject)));
        await Refused(Issuer.Token(claims => claims.Remove("sub")));
    }

    [Theory]
    [InlineData("aud", "\"https://other.test\"")]
    [InlineData("exp", "1")]
    [InlineData("sub", "\"admin\"")]
    [InlineData("\\u0073ub", "\"admin\"")]
    public async Task JV_18_a_claim_said_twice_is_refused(string name, string value)
    {
        var claims = Issuer.Claims().ToJsonString();
        await Refused(Issuer.Sign(Issuer.HeaderJson(), $"{claims[..^1]},\"{name}\":{value}}}"));
        await Refused(Issuer.Sign(Issuer.HeaderJson(), $"{{\"{name}\":{value},{claims[1..]}"));
    }

    [Fact]
    public async Task JV_18_also_in_the_header_and_further_inside()
    {
        var claims = Issuer.Claims().ToJsonString();
        await Refused(Issuer.Sign(Issuer.HeaderJson()[..^1] + ",\"alg\":\"RS256\"}", claims));
        await Refused(Issuer.Sign(Issuer.HeaderJson(), claims[..^1] + ",\"address\":{\"a\":1,\"a\":2}}"));
    }

    [Theory]
    [InlineData("{0}x")]
    [InlineData("{0}{{\"sub\":\"z\"}}")]
    [InlineData("\uFEFF{0}")]
    [InlineData("[{0}]")]
    [InlineData("/* hello */{0}")]
    [InlineData("{0}//")]
    [InlineData("\"x\"")]
    [InlineData("")]
    public async Task JV_19_the_claims_are_one_object_and_nothing_else(string form) =>
        await Refused(Issuer.Sign(Issuer.HeaderJson(), string.Format(System.Globalization.CultureInfo.InvariantCulture, form, Issuer.Claims().ToJsonString())));

    [Fact]
    public async Task JV_19_in_UTF_8()
    {
        var claims = Issuer.Claims().ToJsonString();
        await Refused(Issuer.Sign(Encoding.UTF8.GetBytes(Issuer.HeaderJson()), Encoding.Unicode.GetBytes(claims)));
        await Refused(Issuer.Sign(Encoding.UTF8.GetBytes(Issuer.HeaderJson()), Encoding.Latin1.GetBytes(claims.Replace("Liddell", "Bréton", StringComparison.Ordinal))));
        await Refused(Issuer.Sign(Issuer.HeaderJson(), claims.Replace("Liddell", "\\ud800", StringComparison.Ordinal)));
        await Refused(Issuer.Sign(Issuer.HeaderJson(), claims[..^1] + ",}"));
    }

    [Fact]
    public async Task JV_20_base64_has_one_spelling()
    {
        var token = Issuer.Token();
        var parts = token.Split('.');
        await Refused($"{parts[0]}=.{parts[1]}.{parts[2]}");
        await Refused($"{parts[0]}.{parts[1]}.{parts[2]}==");
        await Refused($"{parts[0]}.{parts[1]}.{parts[2]}.");
        await Refused($"{parts[0]}.{parts[1]}.{parts[2]}.{parts[2]}");
        await Refused($"{parts[0]}.{parts[1]}");
        await Refused($"{parts[0]}. {parts[1]}.{parts[2]}");
        await Refused($"{parts[0]}.{parts[1]}.{parts[2].Replace('-', '+').Replace('_', '/')}+/");
        await Refused($"{parts[0]}.{parts[1]}.{FlipUnusedBit(parts[2])}");
        await Passed(token);
    }

    [Fact]
    public async Task JV_21_the_JSON_form_of_a_signature_is_no_token()
    {
        var parts = Issuer.Token().Split('.');
        await Refused($$"""{"protected":"{{parts[0]}}","payload":"{{parts[1]}}","signature":"{{parts[2]}}"}""");
        await Refused($$"""{"payload":"{{parts[1]}}","signatures":[{"protected":"{{parts[0]}}","signature":"{{parts[2]}}"}]}""");
    }

    [Fact]
    public async Task JV_22_an_encrypted_token_is_refused_without_being_opened()
    {
        using var bomb = new MemoryStream();
        using (var deflate = new DeflateStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
            deflate.Write(new byte[1_000_000]);
        var body = Base64Url.EncodeToString(bomb.ToArray());
        foreach (var header in new[]
        {
            """{"alg":"dir","enc":"A128GCM","zip":"DEF","kid":"key-1","typ":"at+jwt"}""",
            """{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AAAA","kid":"key-1"}""",
            """{"alg":"A128KW","enc":"A128GCM","kid":"key-1","typ":"at+jwt","cty":"JWT"}""",
        })
            await Refused($"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header))}..AAAA.{body}.AAAA");
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("json")]
    public async Task JV_23_a_nested_token_is_refused(string contentType) => await Refused(Issuer.Token(header: header => header["cty"] = contentType));

    [Fact]
    public async Task JV_24_a_token_of_8_KB_passes_one_of_17_KB_does_not_and_no_header_is_larger_than_32_KB()
    {
        await Passed(Issuer.Token(claims => claims["padding"] = new string('p', 5_500)));
        await Refused(Issuer.Token(claims => claims["padding"] = new string('p', 12_500)));
        var response = await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", new string('a', 33_000)), 431);
        Assert.Equal("", response.Body);
    }

    [Fact]
    public async Task JV_25_an_endless_text_costs_nothing()
    {
        await Refused(new string('.', 30_000));
        await Refused(new string('a', 30_000));
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", new string('.', 100_000)), 431);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", new string('a', 1_000_000)), 431);
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    [InlineData(200, false)]
    public async Task JV_26_claims_nest_at_most_16_levels(int levels, bool isAccepted)
    {
        var claims = Issuer.Claims().ToJsonString();
        var nested = $"{claims[..^1]},\"deep\":{new string('[', levels)}{new string(']', levels)}}}";
        var token = Issuer.Sign(Issuer.HeaderJson(), nested);
        await (isAccepted ? Passed(token) : Refused(token));
    }

    [Fact]
    public async Task JV_27_no_number_but_the_signature_passes_for_it()
    {
        var token = Issuer.Token();
        var signed = token[..token.LastIndexOf('.')];
        var good = Base64Url.DecodeFromChars(token.AsSpan(signed.Length + 1));
        var modulus = new BigInteger(TestKey.SharedRsa.ExportParameters(false).Modulus, isUnsigned: true, isBigEndian: true);
        var signature = new BigInteger(good, isUnsigned: true, isBigEndian: true);
        foreach (var number in new[] { BigInteger.Zero, BigInteger.One, modulus - 1, modulus, modulus + signature, signature + 1, signature * 2 })
            await Refused($"{signed}.{Base64Url.EncodeToString(Padded(number, 256))}");
        await Refused($"{signed}.{Base64Url.EncodeToString(good.AsSpan(1))}");
        await Refused($"{signed}.{Base64Url.EncodeToString([0, .. good])}");
        await Refused($"{signed}.{Base64Url.EncodeToString([.. good, 0])}");
    }

    [Fact]
    public async Task JV_27_a_signature_whose_padding_is_not_exactly_right_is_refused()
    {
        var signed = Signed(JsonNode.Parse(Issuer.HeaderJson())!.AsObject());
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(signed));
        byte[] prefix = [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
        byte[] info = [.. prefix, .. hash];
        await Passed($"{signed}.{SignBlock(Block(info))}");
        byte[] withoutNull = [0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20, .. hash];
        byte[] longForm = [0x30, 0x81, .. info[1..]];
        foreach (var block in new[]
        {
            Block(withoutNull),
            Block(longForm),
            Block([.. info, 0]),
            Block(hash),
            Block([.. prefix, .. SHA256.HashData([1])]),
            [0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, .. info, .. new byte[256 - 11 - info.Length]],
            [0, 2, .. Block(info)[2..]],
            [0, 1, .. Block(info)[2..100], 0xfe, .. Block(info)[101..]],
            [0, 0, .. Block(info)[2..]],
        })
            await Refused($"{signed}.{SignBlock(block)}");
    }

    [Fact]
    public async Task JV_28_an_elliptic_signature_is_two_numbers_in_range()
    {
        await using var issuer = new TestIssuer(fixture.Clock);
        var key = TestKey.Ec();
        issuer.Key = key;
        issuer.Keys = [key];
        await using var gateway = await TestGateway.StartAsync(fixture.Clock, issuer, TestGateway.Routes(TestGateway.Route(fixture.Upstream)));
        var token = issuer.Token();
        var signed = token[..token.LastIndexOf('.')];
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        var der = DerOf(Base64Url.DecodeFromChars(token.AsSpan(signed.Length + 1)));
        await fixture.PassedAsync(() => gateway.GetAsync("/orders", token));
        foreach (var signature in new[] { new byte[64], [.. order, .. order], [.. new byte[32], .. order], der, new byte[63] })
            await fixture.RefusedAsync(() => gateway.GetAsync("/orders", $"{signed}.{Base64Url.EncodeToString(signature)}"), 401);
    }

    [Fact]
    public async Task JV_29_a_token_comes_in_one_Authorization_header_and_nowhere_else()
    {
        var token = Issuer.Token();
        await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/orders", [$"Authorization: bearer {token}"]));
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", ["Authorization: Bearer"]), 401);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", ["Authorization:"]), 401);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", [$"Authorization: Bearer  {token}"]), 401);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", [$"Authorization: Bearer {token}, Bearer {token}"]), 401);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", [$"Authorization: Bearer {token}", $"Authorization: Bearer {token}"]), 400);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync($"/orders?access_token={token}"), 401);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", [$"Cookie: access_token={token}"]), 401);
        await fixture.RefusedAsync(
            () => fixture.Gateway.SendAsync($"POST /orders HTTP/1.1\r\nHost: g\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {token.Length + 13}\r\nConnection: close\r\n\r\naccess_token={token}"),
            401);
    }

    [Theory]
    [InlineData("Basic YWxpY2U6c2VjcmV0")]
    [InlineData("Negotiate YII")]
    [InlineData("ApiKey 17")]
    [InlineData("DPoP abc")]
    public async Task JV_30_another_scheme_is_refused_and_goes_no_further(string credentials)
    {
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", [$"Authorization: {credentials}"]), 401);
        var seen = await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/public/time", [$"Authorization: {credentials}"]));
        Assert.Null(seen["Authorization"]);
    }

    [Theory]
    [InlineData("admin:all")]
    [InlineData("admin-x ADMIN xadmin")]
    [InlineData("")]
    public async Task JV_31_a_scope_counts_by_its_exact_name(string scope)
    {
        var response = await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/admin/x", Issuer.Token(claims => claims["scope"] = scope)), 403);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"admin\"", response["WWW-Authenticate"]);
        await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/admin/x", Issuer.Token(claims => claims["scope"] = "openid admin")));
    }

    [Fact]
    public async Task JV_31_a_services_own_token_is_refused_where_people_are_meant()
    {
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/people/x", Issuer.ClientToken()), 403);
        await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/people/x", Issuer.Token()));
    }

    [Theory]
    [InlineData("email_verified", "false")]
    [InlineData("email_verified", "\"true\"")]
    [InlineData("email_verified", "1")]
    [InlineData("email", "[\"a@x.test\",\"b@x.test\"]")]
    [InlineData("email", "{\"a\":1}")]
    [InlineData("email", "null")]
    [InlineData("email", "\"\"")]
    public async Task JV_32_an_address_that_is_not_one_verified_text_is_not_passed_on(string name, string value)
    {
        var seen = await Passed(Issuer.Token(claims => claims[name] = JsonNode.Parse(value)));
        Assert.Null(seen["x-jwt-email"]);
        Assert.Equal("alice-id", seen["x-jwt-sub"]);
    }

    [Theory]
    [InlineData("""{"jkt":"abc"}""")]
    [InlineData("""{"x5t#S256":"abc"}""")]
    [InlineData("{}")]
    public async Task JV_33_a_token_that_is_bound_to_a_key_is_no_bearer_token(string confirmation) =>
        await Refused(Issuer.Token(claims => claims["cnf"] = JsonNode.Parse(confirmation)));

    [Fact]
    public async Task JV_34_a_token_that_was_accepted_before_ends_when_it_says()
    {
        var token = Issuer.Token();
        await Passed(token);
        fixture.Clock.Advance(TimeSpan.FromSeconds(329));
        await Passed(token);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await Refused(token);
    }

    [Fact]
    public async Task JV_34_also_on_a_connection_that_repeats_it_and_a_connection_can_change_its_caller()
    {
        using var socket = new System.Net.Sockets.TcpClient("127.0.0.1", fixture.Gateway.Port);
        await using var stream = socket.GetStream();
        var (alice, bob) = (Issuer.Token(), Issuer.Token(claims => claims["sub"] = "bob-id"));
        async Task<string> SubjectOf(string token)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /orders HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {token}\r\n\r\n"));
            var response = await RawMessage.ReadAsync(stream, isResponse: true);
            return response!.Status == 200 ? fixture.Upstream.Last["x-jwt-sub"]! : $"{response.Status}";
        }

        foreach (var token in new[] { alice, alice, alice, bob, bob, bob, alice })
            Assert.Equal(token == alice ? "alice-id" : "bob-id", await SubjectOf(token));
        Assert.Equal("401", await SubjectOf(alice[..^1]));
        Assert.Equal("alice-id", await SubjectOf(alice));
        Assert.Equal("alice-id", await SubjectOf(alice));
        fixture.Clock.Advance(TimeSpan.FromSeconds(330));
        Assert.Equal("401", await SubjectOf(alice));
    }

    private static void Move(JsonObject claims, int by, int? notBeforeIn)
    {
        var now = claims["iat"]!.GetValue<long>();
        claims["exp"] = claims["exp"]!.GetValue<long>() + by;
        claims["iat"] = now + by;
        if (notBeforeIn is not null)
            claims["nbf"] = now + notBeforeIn;
    }

    private static byte[] Padded(BigInteger number, int length)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return bytes.Length >= length ? bytes : [.. new byte[length - bytes.Length], .. bytes];
    }

    private static byte[] Block(byte[] info) => [0, 1, .. Enumerable.Repeat((byte)0xff, 256 - 3 - info.Length), 0, .. info];

    private static string SignBlock(byte[] block)
    {
        var parameters = TestKey.SharedRsa.ExportParameters(true);
        var exponent = new BigInteger(parameters.D, isUnsigned: true, isBigEndian: true);
        var modulus = new BigInteger(parameters.Modulus, isUnsigned: true, isBigEndian: true);
        return Base64Url.EncodeToString(Padded(BigInteger.ModPow(new BigInteger(block, isUnsigned: true, isBigEndian: true), exponent, modulus), 256));
    }

    private static byte[] DerOf(byte[] signature)
    {
        static byte[] Integer(byte[] number) => [0x02, (byte)(number.Length + 1), 0, .. number];
        byte[] body = [.. Integer(signature[..32]), .. Integer(signature[32..])];
        return [0x30, (byte)body.Length, .. body];
    }

    private static string FlipUnusedBit(string part)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return part[..^1] + alphabet[alphabet.IndexOf(part[^1], StringComparison.Ordinal) ^ 1];
    }

    private JsonObject Header(string algorithm)
    {
        var header = JsonNode.Parse(Issuer.HeaderJson())!.AsObject();
        header["alg"] = algorithm;
        return header;
    }

    private string Signed(JsonObject header) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Issuer.Claims().ToJsonString()))}";

    private async Task Refused(string token)
    {
        var response = await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/orders", token), 401);
        Assert.Contains("error=\"invalid_token\"", response["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.DoesNotContain(token.Length > 40 ? token[..40] : "never", fixture.Gateway.Log.Text, StringComparison.Ordinal);
    }

    private Task<RawMessage> Passed(string token) => fixture.PassedAsync(() => fixture.Gateway.GetAsync("/orders", token));
}
