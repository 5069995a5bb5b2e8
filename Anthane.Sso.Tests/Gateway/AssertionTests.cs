using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>The signed assertion: what a service can check, when it is sent, and by which keys.</summary>
public sealed class AssertionTests : IAsyncLifetime
{
    private const string KeysPath = "/.well-known/anthane-gateway/jwks.json";
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private readonly TempDirectory folder = new();
    private TestIssuer issuer = null!;

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task GH_20_an_assertion_says_who_calls_to_one_service_only_and_its_signature_holds_by_the_published_key()
    {
        await using var gateway = await StartAsync("on");
        var token = issuer.Token(claims => claims["name"] = "Zoë, the \"first\"");
        var (header, claims, text) = await AssertionOfAsync(gateway, "/orders?a=b", token);

        Assert.Equal("anthane-assertion+jwt", (string?)header["typ"]);
        Assert.Equal("https://gateway.test", (string?)claims["iss"]);
        Assert.Equal("orders", (string?)claims["aud"]);
        Assert.Equal("alice-id", (string?)claims["sub"]);
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token))), (string?)claims["ath"]);
        Assert.Equal(60, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), (long)claims["iat"]!);
        Assert.True(((string?)claims["jti"])!.Length >= 22);
        Assert.Null(claims["htm"]);
        var sent = upstream.Last.Headers.Where(one => one.Key.StartsWith("x-jwt", StringComparison.OrdinalIgnoreCase) && one.Key != "x-jwt-assertion");
        Assert.Equal(sent.ToDictionary(one => one.Key, one => one.Value), claims["headers"]!.AsObject().ToDictionary(one => one.Key, one => (string)one.Value!));
        Assert.True(Holds(text, await KeysAsync(gateway), (string)header["kid"]!));
    }

    [Fact]
    public async Task One_assertion_serves_a_token_and_service_for_half_a_minute_and_never_outlives_the_token()
    {
        await using var gateway = await StartAsync("on");
        var token = issuer.Token(claims => claims["exp"] = clock.GetUtcNow().ToUnixTimeSeconds() + 80);
        var first = (await AssertionOfAsync(gateway, "/orders", token)).Text;
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(first, (await AssertionOfAsync(gateway, "/orders/2", token)).Text);
        clock.Advance(TimeSpan.FromSeconds(2));
        var (_, claims, second) = await AssertionOfAsync(gateway, "/orders", token);
        Assert.NotEqual(first, second);
        Assert.Equal(49, (long)claims["exp"]! - (long)claims["iat"]!);
    }

    [Fact]
    public async Task A_strict_assertion_is_for_one_method_path_and_query()
    {
        await using var gateway = await StartAsync("strict");
        var token = issuer.Token();
        var (_, claims, first) = await AssertionOfAsync(gateway, "/orders/7?x=%20y", token);
        Assert.Equal(("GET", "/orders/7?x=%20y"), ((string?)claims["htm"], (string?)claims["target"]));
        Assert.NotEqual(first, (await AssertionOfAsync(gateway, "/orders/7?x=%20y", token)).Text);
    }

    [Theory]
    [InlineData("orders.internal", null, true)]
    [InlineData("10.1.2.3", null, true)]
    [InlineData("10.1.2.3", "off", false)]
    [InlineData("127.0.0.1", null, false)]
    [InlineData("localhost", null, false)]
    [InlineData("::1", null, false)]
    [InlineData("127.0.0.1", "on", true)]
    public void It_is_sent_to_other_machines_by_itself_and_elsewhere_when_asked_for(string host, string? mode, bool expected)
    {
        // Without a name for iss an assertion cannot be made outside Development, and that is a mistake at the start: so it shows who would get one.
        var mistakes = TestGateway.Mistakes(Routes(mode, host), new() { ["Gateway:Issuers:sso:Authority"] = "https://sso.test", ["Gateway:Issuers:sso:Audiences:0"] = "a" }, "Production");
        Assert.Equal(expected ? ["ocelot.json Routes:0:Assertion: needs the gateway's own name for iss"] : [], mistakes.Select(mistake => mistake.Split(':')[..3] is var parts ? string.Join(':', parts) + ":" + mistake.Split(':')[3] : ""));
    }

    [Fact]
    public async Task Bare_headers_to_another_machine_are_a_warning_at_the_start()
    {
        await using var gateway = await TestGateway.StartAsync(clock, issuer, Routes("off", "10.1.2.3"), Settings());
        Assert.Contains("bare x-jwt headers go to another machine (10.1.2.3", gateway.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GH_13_an_anonymous_call_has_no_assertion_and_a_callers_own_never_passes()
    {
        await using var gateway = await StartAsync("on");
        Assert.Equal(200, (await RawClient.GetAsync(gateway.Port, "/public/x", "x-jwt-assertion: forged", "X-JWT-Assertion: forged")).Status);
        Assert.Null(upstream.Last["x-jwt-assertion"]);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(), "X-Jwt-Assertion: forged")).Status);
        Assert.DoesNotContain("forged", upstream.Last["x-jwt-assertion"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task JV_11_the_gateways_own_assertion_is_no_token_even_if_settings_say_so()
    {
        var key = TestKey.Ec("own");
        issuer.Keys = [issuer.Key, key];
        await using var gateway = await StartAsync("on", ("Gateway:Issuers:sso:TokenTypes:0", "anthane-assertion+jwt"), ("Gateway:Issuers:sso:TokenTypes:1", "at+jwt"));
        var (_, _, assertion) = await AssertionOfAsync(gateway, "/orders", issuer.Token());
        Assert.Equal(401, (await gateway.GetAsync("/orders", assertion)).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(header: header => header["typ"] = "anthane-assertion+jwt", key: key))).Status);
    }

    [Fact]
    public async Task The_key_set_wins_over_routes_and_has_no_private_part()
    {
        await using var gateway = await StartAsync("on");
        var before = upstream.Hits;
        var answer = await gateway.GetAsync(KeysPath);
        Assert.Equal(200, answer.Status);
        Assert.Equal(before, upstream.Hits);
        Assert.DoesNotContain("\"d\"", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KD_09_gateways_that_start_together_on_one_folder_have_one_key_between_them()
    {
        var gateways = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync("on", ("Gateway:DataDirectory", folder.Path))));
        var sets = await Task.WhenAll(gateways.Select(gateway => gateway.GetAsync(KeysPath)));
        Assert.Single(sets.Select(set => set.Body).Distinct());
        Assert.Single(JsonNode.Parse(sets[0].Body)!["keys"]!.AsArray());
        foreach (var gateway in gateways)
            await gateway.DisposeAsync();
    }

    [Fact]
    public async Task KD_07_a_key_that_follows_is_published_by_every_gateway_an_hour_before_it_signs()
    {
        await using var one = await StartAsync("on", ("Gateway:DataDirectory", folder.Path));
        await using var other = await StartAsync("on", ("Gateway:DataDirectory", folder.Path));
        var first = await KeyIdAsync(one);
        clock.Leap(TimeSpan.FromDays(90));
        Assert.Equal(2, (await KeysAsync(other)).Count);
        Assert.Equal(2, (await KeysAsync(one)).Count);
        Assert.Equal(first, await KeyIdAsync(one));

        clock.Leap(TimeSpan.FromMinutes(61));
        await KeysAsync(other);
        var second = await KeyIdAsync(other);
        Assert.NotEqual(first, second);
        Assert.Equal(2, (await KeysAsync(one)).Count);
        Assert.Contains(await KeyIdAsync(one), new[] { first, second });

        clock.Leap(TimeSpan.FromMinutes(61));
        Assert.Equal(second, Assert.Single(await KeysAsync(other))!["kid"]!.GetValue<string>());
        Assert.Equal(second, Assert.Single(await KeysAsync(one))!["kid"]!.GetValue<string>());
        Assert.Equal(second, await KeyIdAsync(one));
    }

    [Fact]
    public async Task Keys_that_are_given_sign_by_the_first_and_are_all_published()
    {
        using var first = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.Combine(folder.Path, "next.pem");
        await File.WriteAllTextAsync(file, next.ExportECPrivateKeyPem(), TestContext.Current.CancellationToken);
        await using var gateway = await StartAsync("on", ("Gateway:Assertion:Key", first.ExportPkcs8PrivateKeyPem()), ("Gateway:Assertion:KeyFiles:0", file));
        var keys = await KeysAsync(gateway);
        Assert.Equal(2, keys.Count);
        Assert.Equal((string?)keys[0]!["kid"], await KeyIdAsync(gateway));
        Assert.Equal(Base64Url.EncodeToString(first.ExportParameters(false).Q.X), (string?)keys[0]!["x"]);
    }

    [Fact]
    public void A_key_of_the_wrong_kind_is_told_at_the_start_and_not_shown()
    {
        using var wrong = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var pem = wrong.ExportPkcs8PrivateKeyPem();
        var mistakes = TestGateway.Mistakes(Routes("on", "127.0.0.1"), new()
        {
            ["Gateway:Issuers:sso:Authority"] = "https://sso.test", ["Gateway:Issuers:sso:Audiences:0"] = "a", ["Gateway:Assertion:Key"] = pem,
            ["Gateway:Assertion:Mode"] = "maybe", ["Gateway:PublicAddress"] = "https://gateway.test/path",
        });
        Assert.Contains(mistakes, mistake => mistake.StartsWith("Gateway:Assertion:Key: must be a private key in PEM", StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.StartsWith("Gateway:Assertion:Mode: 'maybe'", StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.StartsWith("Gateway:PublicAddress: ", StringComparison.Ordinal));
        Assert.DoesNotContain(mistakes, mistake => mistake.Contains(pem.Split('\n')[1], StringComparison.Ordinal));
    }

    private static string Routes(string? mode, string host) => TestGateway.Routes(new JsonObject
    {
        ["UpstreamPathTemplate"] = "/{everything}", ["DownstreamPathTemplate"] = "/{everything}", ["DownstreamScheme"] = "http", ["Assertion"] = mode,
        ["DownstreamHostAndPorts"] = new JsonArray(new JsonObject { ["Host"] = host, ["Port"] = 80 }),
    });

    private static Dictionary<string, string?> Settings(params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?> { ["Gateway:PublicAddress"] = "https://gateway.test" };
        foreach (var (name, value) in more)
            settings[name] = value;
        return settings;
    }

    private static async Task<JsonArray> KeysAsync(TestGateway gateway) => JsonNode.Parse((await gateway.GetAsync(KeysPath)).Body)!["keys"]!.AsArray();

    private static JsonObject Part(string jwt, int part) => JsonNode.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[part]))!.AsObject();

    private static bool Holds(string jwt, JsonArray keys, string keyId)
    {
        var jwk = keys.Single(key => (string?)key!["kid"] == keyId)!;
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars((string)jwk["x"]!), Y = Base64Url.DecodeFromChars((string)jwk["y"]!) },
        });
        var end = jwt.LastIndexOf('.');
        return key.VerifyData(Encoding.ASCII.GetBytes(jwt[..end]), Base64Url.DecodeFromChars(jwt.AsSpan(end + 1)), HashAlgorithmName.SHA256);
    }

    private Task<TestGateway> StartAsync(string mode, params (string Name, string Value)[] more) => TestGateway.StartAsync(clock, issuer, TestGateway.Routes(
        TestGateway.Route(upstream, "/public/{everything}", route => route["AuthenticationOptions"] = new JsonObject { ["AllowAnonymous"] = true }),
        TestGateway.Route(upstream, change: route =>
        {
            route["Assertion"] = mode;
            route["Service"] = "orders";
        })), Settings(more));

    private async Task<string> KeyIdAsync(TestGateway gateway)
    {
        // After days the issuer's keys are too old, until the gateway has asked for them again; how often it tries is the clock's too.
        for (var i = 0; i < 100 && (await gateway.GetAsync("/orders", issuer.Token())).Status == 503; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return (string)(await AssertionOfAsync(gateway, "/orders", issuer.Token())).Header["kid"]!;
    }

    private async Task<(JsonObject Header, JsonObject Claims, string Text)> AssertionOfAsync(TestGateway gateway, string target, string token)
    {
        Assert.Equal(200, (await gateway.GetAsync(target, token)).Status);
        var text = upstream.Last["x-jwt-assertion"]!;
        return (Part(text, 0), Part(text, 1), text);
    }
}
