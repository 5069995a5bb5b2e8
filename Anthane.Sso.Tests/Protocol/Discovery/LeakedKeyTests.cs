using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Discovery;

/// <summary>What an operator does to signing keys by hand: a leaked one goes at once, a good one hands over before its time.</summary>
public sealed class LeakedKeyTests(PostgresServer postgres)
{
    [Fact]
    public async Task KD_08_a_leaked_key_is_gone_at_once_and_so_is_the_worth_of_what_it_signed()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync(("scope", "openid email offline_access"));
        var worker = (await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        Assert.Null((await flow.AnswerAsync(("prompt", "none"), ("id_token_hint", tokens.IdToken))).Error);
        Assert.True(await server.IsActiveAsync(worker));
        var (leaked, next) = (KidOf(tokens.AccessToken), (await KeysAsync(server)).Single(key => key.State == "next").Kid);
        var etag = (await server.GetAsync("/.well-known/jwks.json")).Headers.ETag!.ToString();

        Assert.True(await server.Get<KeyAdmin>().RevokeAsync(leaked, "test"));

        var jwks = await server.GetJsonAsync("/.well-known/jwks.json", ("If-None-Match", etag));
        Assert.Equal(HttpStatusCode.OK, jwks.Status);
        Assert.DoesNotContain(leaked, KidsOf(jwks));
        Assert.Equal((next, 2), (KidsOf(jwks).Single(kid => kid == next), KidsOf(jwks).Count));
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        Assert.False(await server.IsActiveAsync(worker));
        Assert.Equal("invalid_request", (await flow.AnswerAsync(("prompt", "none"), ("id_token_hint", tokens.IdToken))).Error);

        var again = await flow.RefreshAsync(tokens.RefreshToken);
        Assert.Equal(next, KidOf(again.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(again.AccessToken)).Status);
        Assert.Null((await flow.AnswerAsync(("prompt", "none"), ("id_token_hint", again.IdToken))).Error);
        await WrittenDownAsync(server, leaked);
        Assert.False(await server.Get<KeyAdmin>().RevokeAsync(leaked, "test"));
    }

    [Fact]
    public async Task KD_08_without_a_next_key_one_is_made_and_a_leaked_next_or_retired_one_goes_too()
    {
        await using var server = await SsoServer.StartAsync();
        var keys = server.Get<KeyAdmin>();
        var active = await SignsAsync(server);
        await server.Get<StorageWriter>().WriteAsync(db => db.ExecuteAsync("""DELETE FROM "SigningKeys" WHERE "Slot" = 'RS256:next'"""));
        Assert.True(await keys.RevokeAsync(active, "test"));
        var made = await SignsAsync(server);
        Assert.NotEqual(active, made);

        var next = (await KeysAsync(server)).Single(key => key.State == "next").Kid;
        Assert.True(await keys.RevokeAsync(next, "test"));
        Assert.Equal(made, await SignsAsync(server));
        Assert.DoesNotContain(next, KidsOf(await server.GetJsonAsync("/.well-known/jwks.json")));

        server.Clock.Leap(TimeSpan.FromDays(90));
        await server.Get<KeyRotation>().RunAsync();
        Assert.Equal("retired", (await KeysAsync(server)).Single(key => key.Kid == made).State);
        Assert.True(await keys.RevokeAsync(made, "test"));
        Assert.DoesNotContain(made, KidsOf(await server.GetJsonAsync("/.well-known/jwks.json")));
        Assert.Equal([made, next, active], (await KeysAsync(server)).Where(key => key.State == "revoked").OrderByDescending(key => key.Since).ThenBy(key => key.Kid != next).Select(key => key.Kid));
    }

    [Fact]
    public async Task KD_08_a_key_that_is_revoked_on_one_node_signs_and_proves_nothing_on_another_within_five_seconds()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), nodes: 2);
        var (here, there) = (cluster.Nodes[0], cluster.Nodes[1]);
        var token = (await there.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        Assert.True(await there.IsActiveAsync(token));

        Assert.True(await here.Get<KeyAdmin>().RevokeAsync(KidOf(token), "test"));
        Assert.False(await there.IsActiveAsync(token));
        there.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.NotEqual(KidOf(token), await SignsAsync(there));
        Assert.DoesNotContain(KidOf(token), KidsOf(await there.GetJsonAsync("/.well-known/jwks.json")));
        Assert.Equal(await SignsAsync(here), await SignsAsync(there));
    }

    [Fact]
    public async Task KD_08_the_command_takes_a_key_out_of_a_running_server_and_a_gateway_drops_it_within_a_minute()
    {
        var (clock, data) = (new FakeClock(), new TempDirectory());
        using var _ = data;
        await using var upstream = new RawServer();
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Clock = clock, DataDirectory = data.Path });
        await using var gateway = await TestGateway.StartAsync(clock, TestGateway.Routes(TestGateway.Route(upstream)), new Dictionary<string, string?>
        {
            ["Gateway:Issuers:sso:Authority"] = server.Issuer,
            ["Gateway:Issuers:sso:Audiences:0"] = "https://orders.anthane.test",
        }, port: 0);
        var stolen = (await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        Assert.Equal(200, (await gateway.GetAsync("/orders", stolen)).Status);

        string[] settings = ["--environment", "Development", "--Sso:Issuer", server.Issuer, "--Sso:DataDirectory", data.Path];
        Assert.Equal(1, await SsoHost.RunAsync(["keys", "revoke", "-no-such-key", .. settings]));
        Assert.Equal(0, await SsoHost.RunAsync(["keys", "revoke", KidOf(stolen), .. settings]));
        for (var waited = 0; !clock.IsWaitedFor(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(45)); waited++)
        {
            Assert.True(waited < 500, "The gateway does not wait to ask for keys again.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        clock.Leap(TimeSpan.FromSeconds(50));
        for (var waited = 0; (await gateway.GetAsync("/orders", stolen)).Status != 401; waited++)
        {
            Assert.True(waited < 500, "The gateway still believes the leaked key.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(200, (await gateway.GetAsync("/orders", (await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken)).Status);
    }

    [Fact]
    public async Task The_commands_list_refuse_and_roll_in_plain_words()
    {
        await using var server = await SsoServer.StartAsync();
        var first = await SignsAsync(server);
        var before = await RunAsync(server);
        Assert.Equal(0, before.Code);
        Assert.Matches($@"{first} +RS256 +active +\d{{4}}-\d\d-\d\d ", before.Output);
        Assert.Matches(@"RS256 +next ", before.Output);

        var early = await RunAsync(server, "roll");
        Assert.Equal((1, ""), (early.Code, early.Output));
        Assert.Contains("Nothing was changed", early.Errors, StringComparison.Ordinal);
        Assert.Equal(first, await SignsAsync(server));
        Assert.Equal(1, (await RunAsync(server, "revoke", "nobody")).Code);
        Assert.Equal(1, (await RunAsync(server, "revoke")).Code);
        Assert.Equal(1, (await RunAsync(server, "destroy")).Code);

        server.Clock.Leap(TimeSpan.FromDays(7));
        var token = (await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        Assert.Equal(0, (await RunAsync(server, "roll")).Code);
        var second = await SignsAsync(server);
        Assert.NotEqual(first, second);
        Assert.True(await server.IsActiveAsync(token));
        Assert.Contains(first, KidsOf(await server.GetJsonAsync("/.well-known/jwks.json")));
        Assert.Matches($@"{first} +RS256 +retired ", (await RunAsync(server)).Output);
        Assert.Equal(1, (await RunAsync(server, "roll")).Code);

        var revoked = await RunAsync(server, "revoke", second);
        Assert.Contains($"{await SignsAsync(server)} signs now", revoked.Output, StringComparison.Ordinal);
        Assert.Matches($@"{second} +RS256 +revoked ", (await RunAsync(server)).Output);
    }

    [Fact]
    public async Task Whoever_has_the_wrong_master_key_changes_no_key()
    {
        using var data = new TempDirectory();
        var right = SsoCluster.NewMasterKey();
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = data.Path, Settings = new Dictionary<string, string?> { ["Sso:MasterKey"] = right } });
        var active = await SignsAsync(server);
        string[] settings = ["--environment=Development", $"--Sso:Issuer={server.Issuer}", $"--Sso:DataDirectory={data.Path}", $"--Sso:MasterKey={SsoCluster.NewMasterKey()}"];
        Assert.Equal(1, await SsoHost.RunAsync(["keys", "revoke", active, .. settings]));
        Assert.Equal(["active", "next"], (await KeysAsync(server)).Select(key => key.State).Order(StringComparer.Ordinal));
        Assert.Equal(active, await SignsAsync(server));
    }

    private static async Task WrittenDownAsync(SsoServer server, string kid)
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var cancel = TestContext.Current.CancellationToken;
        Assert.Equal(kid, (await db.Set<Oidc.Revocations.Revocation>().SingleAsync(row => row.Kind == "kid", cancel)).Value);
        Assert.Equal((kid, "test"), await db.Set<AuditRow>().Where(row => row.Action == "key.revoke").Select(row => new ValueTuple<string, string>(row.Target, row.Actor)).SingleAsync(cancel));
        Assert.False(await db.Set<SigningKey>().AnyAsync(key => key.Kid == kid, cancel));
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(SsoServer server, params string[] words)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        return (await KeyCommand.RunAsync(words, server.Get<KeyAdmin>(), output, errors), output.ToString(), errors.ToString());
    }

    private static Task<IReadOnlyList<KeyLine>> KeysAsync(SsoServer server) => server.Get<KeyAdmin>().ListAsync();

    /// <summary>Which key signs now.</summary>
    private static async Task<string> SignsAsync(SsoServer server) => KidOf((await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken);

    private static string KidOf(string jwt) => JsonAnswer.HeaderOf(jwt).GetProperty("kid").GetString()!;

    private static List<string> KidsOf(JsonAnswer jwks) => jwks.Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!).ToList();
}
