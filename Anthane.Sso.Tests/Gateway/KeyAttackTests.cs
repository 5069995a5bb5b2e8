using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Section 2.4 of the attack book, the gateway's side: whose keys are believed, for how long, and how often they are asked for.</summary>
public sealed class KeyAttackTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
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
    }

    [Fact]
    public async Task JV_08_a_withdrawn_key_is_refused_within_a_minute_also_for_tokens_that_were_accepted_before()
    {
        var stays = TestKey.Rsa("stays", other: true);
        issuer.Keys = [issuer.Key, stays];
        await using var gateway = await StartAsync();
        var token = issuer.Token();
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);

        issuer.Keys = [stays];
        // In one step: a fetch that the moving clock would overtake and cut short says nothing about the gateway.
        await Until(() => clock.IsWaitedFor(TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(45)));
        clock.Leap(TimeSpan.FromSeconds(59));
        await Until(async () => (await gateway.GetAsync("/orders", token)).Status == 401);

        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(key: stays))).Status);
    }

    [Fact]
    public async Task JV_16_a_key_of_one_issuer_signs_nothing_for_another()
    {
        await using var second = new TestIssuer(clock);
        second.Key = TestKey.Rsa("key-1", other: true);
        second.Keys = [second.Key];
        await using var gateway = await StartAsync(new()
        {
            ["Gateway:Issuers:partner:Authority"] = second.Authority,
            ["Gateway:Issuers:partner:Audiences:0"] = TestIssuer.Audience,
        });

        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", second.Token())).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(key: second.Key))).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders", second.Token(claims => claims["iss"] = issuer.Authority))).Status);
    }

    [Theory]
    [InlineData("use", "\"enc\"")]
    [InlineData("use", "1")]
    [InlineData("key_ops", "[\"encrypt\"]")]
    [InlineData("key_ops", "\"verify\"")]
    [InlineData("alg", "\"PS256\"")]
    [InlineData("alg", "\"RS512\"")]
    [InlineData("alg", "null")]
    [InlineData("kty", "\"EC\"")]
    [InlineData("e", "\"Aw\"")]
    [InlineData("e", "\"AQAA\"")]
    [InlineData("d", "\"AQAB\"")]
    [InlineData("kid", "1")]
    public async Task JV_35_a_key_that_is_not_for_checking_our_signatures_is_ignored(string member, string value)
    {
        issuer.Key.Jwk[member] = JsonNode.Parse(value);
        var good = TestKey.Rsa("good", other: true);
        issuer.Keys = [issuer.Key, good];
        await using var gateway = await StartAsync();

        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(key: good))).Status);
    }

    [Fact]
    public async Task JV_35_a_short_key_is_ignored_and_one_without_algorithm_is_for_RS256_alone()
    {
        using var small = RSA.Create(1024);
        var weak = TestKey.Rsa(small, "weak");
        var plain = TestKey.Rsa("plain");
        plain.Jwk.Remove("alg");
        plain.Jwk.Remove("use");
        issuer.Keys = [weak, plain];
        await using var gateway = await StartAsync();

        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(key: weak))).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(key: plain))).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(key: TestKey.Rsa("plain", "PS256")))).Status);
    }

    [Fact]
    public async Task JV_03_a_key_published_for_PS256_or_ES256_works_with_exactly_that()
    {
        var pss = TestKey.Rsa("pss", "PS256");
        var elliptic = TestKey.Ec();
        issuer.Keys = [pss, elliptic];
        await using var gateway = await StartAsync();

        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(key: pss))).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(key: elliptic))).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(key: TestKey.Rsa("pss")))).Status);
    }

    [Fact]
    public async Task KD_01_a_flood_of_unknown_key_names_asks_the_issuer_once()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        clock.Advance(TimeSpan.FromSeconds(31));
        var before = issuer.KeyFetches;

        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
            Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(header: header => header["kid"] = $"kid-{number}"))).Status));

        Assert.InRange(issuer.KeyFetches - before, 1, 2);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task KD_01_a_client_that_goes_on_with_a_lost_key_does_not_keep_a_new_one_out()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        var lost = TestKey.Rsa("lost", other: true);
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(key: lost))).Status);
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(key: lost))).Status);

        // The second try of the lost key has asked nobody, so the new one is asked for at once.
        var rolled = TestKey.Rsa("rolled", other: true);
        issuer.Keys = [issuer.Key, rolled];
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(key: rolled))).Status);
    }

    [Fact]
    public async Task KD_01_a_failing_issuer_is_not_asked_again_before_the_cool_down_is_over()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        clock.Advance(TimeSpan.FromSeconds(31));
        issuer.Jwks = () => "nonsense";
        var before = issuer.KeyFetches;
        for (var number = 0; number < 5; number++)
            Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token(header: header => header["kid"] = $"kid-{number}"))).Status);

        Assert.Equal(1, issuer.KeyFetches - before);
    }

    [Fact]
    public async Task KD_03_an_absolute_target_for_another_host_is_refused()
    {
        await using var gateway = await StartAsync();
        var response = await gateway.SendAsync("GET http://evil.test/orders HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n\r\n");
        Assert.Equal(400, response.Status);
        Assert.Equal(0, upstream.Hits);
    }

    [Theory]
    [InlineData("issuer", "https://evil.test")]
    [InlineData("issuer", null)]
    [InlineData("jwks_uri", "http://evil.test/jwks")]
    [InlineData("jwks_uri", "http://127.0.0.1:9/jwks")]
    [InlineData("jwks_uri", "https://127.0.0.1/jwks")]
    [InlineData("jwks_uri", "file:///etc/keys")]
    [InlineData("jwks_uri", "/jwks")]
    [InlineData("jwks_uri", null)]
    public async Task KD_04_a_document_of_another_issuer_or_with_keys_elsewhere_is_not_believed(string name, string? value)
    {
        var document = JsonNode.Parse(issuer.Discovery())!.AsObject();
        document[name] = value;
        issuer.Discovery = () => document.ToJsonString();
        await using var gateway = await StartAsync();

        Assert.Equal(503, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(0, upstream.Hits);
        Assert.Contains("Error: Issuer sso: its keys were not taken", gateway.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("html")]
    [InlineData("large")]
    [InlineData("drip")]
    [InlineData("empty")]
    [InlineData("twice")]
    [InlineData("unknown")]
    [InlineData("members-twice")]
    [InlineData("close")]
    public async Task KD_05_a_bad_answer_leaves_the_last_good_keys_in_force(string kind)
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        var fetches = issuer.KeyFetches;
        var good = issuer.Answer;
        issuer.Answer = (request, stream) => request.Target == "/jwks" ? AnswerBadlyAsync(kind, stream) : good(request, stream);

        await Until(() => clock.IsWaitedFor(TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(45)));
        clock.Leap(TimeSpan.FromSeconds(50));
        await Until(() => issuer.KeyFetches > fetches);
        clock.Advance(TimeSpan.FromSeconds(6));
        await Until(() => gateway.Log.Text.Contains("its keys were not taken", StringComparison.Ordinal));

        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task KD_05_the_last_good_keys_are_believed_for_a_day_at_most()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        issuer.Stop();
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(503, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task KD_06_a_redirect_is_not_followed()
    {
        await using var elsewhere = new RawServer();
        var good = issuer.Answer;
        issuer.Answer = (request, stream) => request.Target == "/jwks"
            ? RawServer.RespondAsync(stream, "302 Found", "", $"Location: {elsewhere.Url}/jwks")
            : good(request, stream);
        await using var gateway = await StartAsync();

        Assert.Equal(503, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(0, elsewhere.Hits);
    }

    [Fact]
    public async Task KD_07_the_first_token_by_a_new_key_is_accepted_at_once()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        var next = TestKey.Rsa("next", other: true);
        issuer.Keys = [issuer.Key, next];

        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(key: next))).Status);
    }

    [Fact]
    public async Task KD_08_a_retired_key_is_good_while_it_is_published()
    {
        var next = TestKey.Rsa("next", other: true);
        var old = issuer.Token();
        issuer.Keys = [next, issuer.Key];
        issuer.Key = next;
        await using var gateway = await StartAsync();

        Assert.Equal(200, (await gateway.GetAsync("/orders", old)).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task KD_14_without_keys_nothing_passes_and_it_recovers_by_itself()
    {
        issuer.Stop();
        await using var gateway = await StartAsync();
        var token = issuer.Token();
        var refused = await gateway.GetAsync("/orders", token);
        Assert.Equal(503, refused.Status);
        Assert.Equal("2", refused["Retry-After"]);
        Assert.Equal(503, (await gateway.GetAsync("/health/ready")).Status);
        Assert.Equal(200, (await gateway.GetAsync("/health/live")).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders")).Status);
        Assert.Equal(0, upstream.Hits);

        issuer.Start();
        await Until(() => clock.IsWaitedFor(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5)));
        clock.Leap(TimeSpan.FromSeconds(4.9));
        await Until(async () => (await gateway.GetAsync("/health/ready")).Status == 200);
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
    }

    private static async Task<bool> AnswerBadlyAsync(string kind, Stream stream)
    {
        switch (kind)
        {
            case "500":
                return await RawServer.RespondAsync(stream, "500 Internal Server Error", "");
            case "html":
                return await RawServer.RespondAsync(stream, "200 OK", "<html></html>");
            case "large":
                return await RawServer.RespondAsync(stream, "200 OK", $$"""{"keys":[],"padding":"{{new string('x', 10_000_000)}}"}""");
            case "empty":
                return await RawServer.RespondAsync(stream, "200 OK", """{"keys":[]}""");
            case "twice":
                return await RawServer.RespondAsync(stream, "200 OK", $$"""{"keys":[{{TestKey.Rsa().Jwk.ToJsonString()}},{{TestKey.Rsa(other: true).Jwk.ToJsonString()}}]}""");
            case "unknown":
                return await RawServer.RespondAsync(stream, "200 OK", """{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"key-1","x":"AAAA"},{"kty":"oct","k":"AAAA","kid":"key-1"},17]}""");
            case "members-twice":
                return await RawServer.RespondAsync(stream, "200 OK", $$"""{"keys":[],"keys":[{{TestKey.Rsa(other: true).Jwk.ToJsonString()}}]}""");
            case "drip":
                await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"));
                await Task.Delay(TimeSpan.FromSeconds(20));
                return false;
            default:
                return false;
        }
    }

    private static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    // The clock stands still meanwhile: what is waited for is work that has begun, on a machine that may be slow.
    private static async Task Until(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "it did not happen in time");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Task<TestGateway> StartAsync(Dictionary<string, string?>? settings = null) =>
        TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream)), settings);
}
