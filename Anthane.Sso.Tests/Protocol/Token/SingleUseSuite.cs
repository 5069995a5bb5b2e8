using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Protocol;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>What must happen once happens once, however many ask at the same time. The same tests on one SQLite node and on three PostgreSQL ones.</summary>
public abstract class SingleUseSuite
{
    private const int Parallel = 50;

    /// <summary>Nodes of one SSO.</summary>
    protected IReadOnlyList<SsoServer> Nodes { get; set; } = [];

    private SsoServer First => Nodes[0];

    [Fact]
    public async Task AZ_23_a_code_sent_fifty_times_at_once_is_redeemed_at_most_once_and_nothing_it_gave_stays_active()
    {
        var flows = await FlowsAsync();
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var code = (await flows[0].AnswerAsync(("scope", "openid orders.read offline_access"))).Code;
            var answers = await AtOnceAsync(flows, flow => flow.RedeemAsync(code));
            var won = answers.Where(answer => answer.Status == HttpStatusCode.OK).ToList();
            Assert.True(won.Count <= 1, $"{won.Count} of {Parallel} got tokens.");
            Assert.All(answers.Except(won), answer => Assert.Equal("invalid_grant", answer.Error));
            foreach (var tokens in won)
            {
                Assert.False(await First.IsActiveAsync(tokens.AccessToken));
                Assert.Equal("invalid_grant", (await flows[^1].RefreshAsync(tokens.RefreshToken)).Error);
            }
        }
    }

    [Fact]
    public async Task TK_14_a_refresh_token_sent_fifty_times_at_once_has_one_successor_and_one_lineage()
    {
        var flows = await FlowsAsync();
        var token = (await flows[0].TokensAsync(("scope", "openid orders.read offline_access"))).RefreshToken;
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var answers = await AtOnceAsync(flows, flow => flow.RefreshAsync(token));
            Assert.All(answers, answer => Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString()));
            token = Assert.Single(answers.Select(answer => answer.RefreshToken).Distinct());
            Assert.Equal(Parallel, answers.Select(answer => answer.AccessToken).Distinct().Count());
        }

        Assert.Equal(0, await NoticesAsync());
    }

    [Fact]
    public async Task TK_14_an_old_token_sent_fifty_times_at_once_ends_the_family_and_is_told_once()
    {
        var flows = await FlowsAsync();
        var old = (await flows[0].TokensAsync(("scope", "openid offline_access"))).RefreshToken;
        var current = (await flows[0].RefreshAsync(old)).RefreshToken;
        First.Clock.Advance(TimeSpan.FromSeconds(61));
        var answers = await AtOnceAsync(flows, flow => flow.RefreshAsync(old));
        Assert.All(answers, answer => Assert.Equal("invalid_grant", answer.Error));
        Assert.Equal("invalid_grant", (await flows[^1].RefreshAsync(current)).Error);
        Assert.Equal(1, await NoticesAsync());
    }

    [Fact]
    public async Task TK_17_after_a_revocation_is_answered_nothing_that_a_racing_refresh_got_is_active_and_nobody_is_alarmed()
    {
        var flows = await FlowsAsync();
        for (var round = 0; round < Rounds.Of(400); round++)
        {
            var token = (await flows[0].TokensAsync(("scope", "openid orders.read offline_access"))).RefreshToken;
            var refreshes = flows.Select(flow => flow.RefreshAsync(token)).ToList();
            var revoked = await flows[^1].PostAsync("/connect/revoke", [("token", token)]);
            Assert.Equal(HttpStatusCode.OK, revoked.Status);
            foreach (var answer in await Task.WhenAll(refreshes))
            {
                Assert.True(answer.Status == HttpStatusCode.OK || answer.Error == "invalid_grant", answer.Body.ToString());
                if (answer.Status == HttpStatusCode.OK)
                {
                    Assert.False(await First.IsActiveAsync(answer.AccessToken));
                    Assert.Equal("invalid_grant", (await flows[0].RefreshAsync(answer.RefreshToken)).Error);
                }
            }
        }

        Assert.Equal(0, await NoticesAsync());
    }

    [Fact]
    public async Task AZ_48_a_request_uri_opened_fifty_times_at_once_brings_one_code()
    {
        var flows = await Task.WhenAll(Nodes.Select(node => node.SignedInAsync()));
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var pushed = await flows[^1].PostAsync("/connect/par", flows[^1].Parameters(("client_id", null)).Select(parameter => (parameter.Name, (string?)parameter.Value)));
            var address = $"/connect/authorize?client_id={flows[0].App.ClientId}&request_uri={Uri.EscapeDataString(pushed.Body.GetProperty("request_uri").GetString()!)}";
            var answers = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => Task.Run(() => flows[i % flows.Length].Browser.GetAsync(address))));
            Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.SeeOther);
            Assert.Equal(Parallel - 1, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
        }
    }

    [Fact]
    public async Task TK_20_after_a_consent_is_withdrawn_nothing_works_that_a_racing_request_got_by_it()
    {
        var app = await OidcApp.RegisterAsync(First);
        var alice = await First.SubjectIdAsync(Person.Alice);
        var signedIn = await Task.WhenAll(Nodes.Select(node => node.SignedInAsync()));
        var flows = signedIn.Select(flow => new OidcFlow(flow.Server, app, flow.Browser)).ToArray();
        for (var round = 0; round < Rounds.Of(200); round++)
        {
            await AllowAsync(alice, app.ClientId);
            var requests = Enumerable.Range(0, 12).Select(i => Task.Run(() => flows[i % flows.Length].AuthorizeAsync(("prompt", "none")))).ToList();
            Assert.True(await Nodes[^1].Get<ConsentAdmin>().WithdrawAsync(alice, app.ClientId));
            foreach (var response in await Task.WhenAll(requests))
            {
                var answer = await flows[0].ReadAsync(response);
                Assert.True(answer.Error is null or "consent_required", answer.Error);
                Assert.True(answer.Error is not null || (await flows[0].RedeemAsync(answer.Code)).Error == "invalid_grant", "A code that was issued after the withdrawal works.");
            }
        }
    }

    [Fact]
    public async Task AD_09_an_initial_access_token_sent_fifty_times_at_once_registers_one_client()
    {
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var token = await First.TokenAsync();
            var answers = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => Task.Run(() => Nodes[i % Nodes.Count].RegisterAsync(token, new { redirect_uris = new[] { "https://app.example/callback" } }))));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
            Assert.Equal(Parallel - 1, answers.Count(answer => answer.Status == HttpStatusCode.Unauthorized));
        }
    }

    /// <summary>What the consent page leaves behind when the person allows openid.</summary>
    private async Task AllowAsync(string subjectId, string clientId)
    {
        await using var db = First.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        db.Add(new Consent { SubjectId = subjectId, ClientId = clientId, Resource = "", Scopes = ["openid"], GrantedAt = First.Clock.GetUtcNow() });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_device_code_sent_fifty_times_at_once_is_redeemed_by_one()
    {
        var app = await DeviceRun.TelevisionAsync(First);
        var person = await First.SignedInAsync(app);
        var flows = Nodes.Select(node => new OidcFlow(node, app, person.Browser)).ToArray();
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var asked = await flows[^1].AllowedAsync();
            var answers = await AtOnceAsync(flows, flow => flow.PollAsync(asked));
            var won = Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.All(answers.Where(answer => answer != won), answer => Assert.Equal("invalid_grant", answer.Error));
            Assert.True(await Nodes[^1].IsActiveAsync(won.AccessToken));
        }
    }

    [Fact]
    public async Task A_device_is_slowed_down_by_all_nodes_together_and_decided_once()
    {
        var app = await DeviceRun.TelevisionAsync(First);
        var person = await First.SignedInAsync(app);
        var flows = Nodes.Select(node => new OidcFlow(node, app, person.Browser)).ToArray();
        var asked = await flows[0].AskAsync();
        Assert.Equal("authorization_pending", (await flows[0].PollAsync(asked)).Error);
        First.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("slow_down", (await flows[^1].PollAsync(asked)).Error);
        First.Clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal("slow_down", (await flows[0].PollAsync(asked)).Error);

        var codes = Nodes.Select(node => node.Get<DeviceCodes>()).ToArray();
        var denied = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => Task.Run(() => codes[i % codes.Length].DenyAsync(UserCodes.Read(asked.Text("user_code"))!))));
        Assert.Single(denied, decided => decided);
        Assert.Equal("access_denied", (await flows[^1].PollAsync(asked)).Error);
    }

    [Fact]
    public async Task TK_26_a_proof_sent_fifty_times_at_once_gives_one_token()
    {
        using var sender = new DpopSender(First);
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var proof = sender.ForToken();
            var answers = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => Task.Run(() => Nodes[i % Nodes.Count].WorkerAsync(proof))));
            var won = Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.All(answers.Where(answer => answer != won), answer => Assert.Equal("invalid_dpop_proof", answer.Error));
        }
    }

    [Fact]
    public async Task TK_08_an_assertion_sent_fifty_times_at_once_authenticates_once()
    {
        var client = await SigningClient.RegisterAsync(First);
        // The other nodes know a new client within seconds.
        First.Clock.Advance(TimeSpan.FromSeconds(3));
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            // Losers count as failures of their address, and those are limited by the minute.
            First.Clock.Advance(TimeSpan.FromMinutes(1));
            var assertion = client.Assertion();
            var answers = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => Task.Run(() => client.TokenAsync(assertion, Nodes[i % Nodes.Count]))));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.Equal(Parallel - 1, answers.Count(answer => answer.Error == "invalid_client"));
        }
    }

    [Fact]
    public async Task TK_08_an_assertion_about_a_person_sent_fifty_times_at_once_gives_one_token()
    {
        var partner = await TrustedPartner.RegisterAsync(First);
        First.Clock.Advance(TimeSpan.FromSeconds(3));
        var flows = Nodes.Select(node => new OidcFlow(node, partner.Bridge)).ToArray();
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var assertion = partner.Assertion();
            var answers = await AtOnceAsync(flows, flow => flow.TokenAsync([("grant_type", TrustedPartner.Grant), ("assertion", assertion)]));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.Equal(Parallel - 1, answers.Count(answer => answer.Error == "invalid_grant"));
        }
    }

    /// <summary>Alice at Notes, once for each node, in one session.</summary>
    private async Task<OidcFlow[]> FlowsAsync()
    {
        var first = await First.SignedInAsync();
        return [first, .. Nodes.Skip(1).Select(node => new OidcFlow(node, OidcApp.Notes))];
    }

    private static Task<JsonAnswer[]> AtOnceAsync(OidcFlow[] flows, Func<OidcFlow, Task<JsonAnswer>> send) =>
        Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => Task.Run(() => send(flows[i % flows.Length]))));

    private async Task<int> NoticesAsync()
    {
        await using var db = First.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<OutboxMessage>().CountAsync(message => message.Kind == "security-notice", TestContext.Current.CancellationToken);
    }
}

public sealed class SqliteSingleUseTests : SingleUseSuite, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => Nodes = [await SsoServer.StartAsync(new SsoServerOptions { Settings = TrustedPartner.Settings })];

    public ValueTask DisposeAsync() => Nodes[0].DisposeAsync();
}

public sealed class PostgresSingleUseTests(PostgresServer postgres) : SingleUseSuite, IAsyncLifetime
{
    private SsoCluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), settings: TrustedPartner.Settings);
        Nodes = cluster.Nodes;
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
