using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>An issuer's keys on disk: a gateway that starts while the issuer is away checks tokens all the same, for a day.</summary>
public sealed class KeyFileTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private readonly TempDirectory folder = new();
    private TestIssuer issuer = null!;

    private string KeyFile => Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "issuer-keys")));

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
    public async Task KD_14_keys_survive_a_restart_while_the_issuer_is_away()
    {
        await RunOnceAsync();
        issuer.Stop();
        await using var second = await StartAsync();
        Assert.Equal(200, (await second.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(200, (await second.GetAsync("/health/ready")).Status);
        Assert.Equal(401, (await second.GetAsync("/orders", issuer.Token(key: TestKey.Rsa(other: true)))).Status);
    }

    [Fact]
    public async Task KD_05_keys_on_disk_are_good_for_a_day_and_no_longer()
    {
        await RunOnceAsync();
        issuer.Stop();
        clock.Leap(TimeSpan.FromHours(24));
        await using var second = await StartAsync();
        Assert.Equal(503, (await second.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(503, (await second.GetAsync("/health/ready")).Status);

        issuer.Start();
        clock.Advance(TimeSpan.FromSeconds(2));
        await UntilAsync(async () => (await second.GetAsync("/orders", issuer.Token())).Status == 200);
    }

    [Fact]
    public async Task A_shorter_life_of_keys_on_disk_can_be_set()
    {
        await RunOnceAsync();
        issuer.Stop();
        clock.Leap(TimeSpan.FromHours(2));
        await using var second = await StartAsync(("Gateway:Issuers:sso:KeysOnDiskHours", "2"));
        Assert.Equal(503, (await second.GetAsync("/orders", issuer.Token())).Status);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("another issuer")]
    [InlineData("no keys")]
    [InlineData("from the future")]
    [InlineData("a symmetric key")]
    public async Task KD_05_what_is_on_disk_is_checked_as_if_it_had_been_fetched(string wrong)
    {
        await RunOnceAsync();
        var json = JsonNode.Parse(await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken))!;
        switch (wrong)
        {
            case "another issuer":
                json["issuer"] = "https://evil.test";
                break;
            case "no keys":
                json["jwks"]!["keys"] = new JsonArray();
                break;
            case "from the future":
                json["fetched_at"] = clock.GetUtcNow().AddDays(2).ToUnixTimeSeconds();
                break;
            case "a symmetric key":
                json["jwks"]!["keys"]![0]!["kty"] = "oct";
                break;
        }

        await File.WriteAllTextAsync(KeyFile, wrong == "not JSON" ? "{" : json.ToJsonString(), TestContext.Current.CancellationToken);
        issuer.Stop();
        await using var second = await StartAsync();
        Assert.Equal(503, (await second.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task A_key_that_the_issuer_withdrew_leaves_the_disk_with_the_next_fetch()
    {
        await using var gateway = await StartAsync();
        await UntilAsync(() => Task.FromResult(Directory.Exists(Path.Combine(folder.Path, "issuer-keys")) && Directory.GetFiles(Path.Combine(folder.Path, "issuer-keys")).Length == 1));
        issuer.Keys = [TestKey.Rsa("stays", other: true)];
        await UntilAsync(() => Task.FromResult(clock.IsWaitedFor(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(45))));
        clock.Leap(TimeSpan.FromSeconds(46));
        await UntilAsync(async () => !(await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken)).Contains("key-1", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; i < 300; i++)
        {
            if (await isSo())
                return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail("it did not come");
    }

    private async Task RunOnceAsync()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    private Task<TestGateway> StartAsync(params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?> { ["Gateway:DataDirectory"] = folder.Path };
        foreach (var (name, value) in more)
            settings[name] = value;
        return TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream)), settings);
    }
}
