using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.ClientDocuments;
using Anthane.Sso.Tests.Protocol.ClientDocuments;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Operations;

/// <summary>Agents that describe themselves, on three nodes with one PostgreSQL.</summary>
public sealed class DocumentNodesTests(PostgresServer postgres)
{
    [Fact]
    public async Task The_first_people_who_allow_one_on_different_nodes_at_once_make_one_row_and_its_tokens_count_everywhere()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync());
        await using var host = new DocumentHost();
        Person[] people = [Person.Alice, Person.Bob, Person.Admin];
        for (var round = 0; round < 5; round++)
        {
            var app = host.App with { ClientId = $"http://localhost:{host.Port}/round-{round}.json" };
            var flows = await Task.WhenAll(cluster.Nodes.Zip(people).Select(pair => pair.First.SignedInAsync(app, pair.Second)));
            var pages = await Task.WhenAll(flows.Select(async flow => await WalkAsync(flow, await flow.AuthorizeAsync(("scope", "openid orders.read"), ("resource", DocumentHost.Orders)))));
            var answers = await Task.WhenAll(flows.Zip(pages).Select(async pair => await WalkAsync(pair.First, await pair.First.Browser.ClickAsync(pair.Second, "#accept"))));
            Assert.Single(await cluster.Nodes[0].Get<ClientAdmin>().ListAsync(app.ClientId));
            for (var i = 0; i < flows.Length; i++)
            {
                var elsewhere = new OidcFlow(cluster.Nodes[(i + 1) % 3], app, flows[i].Browser);
                var tokens = await elsewhere.RedeemAsync((await flows[i].ReadAsync(answers[i])).Code);
                Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
                Assert.True(await cluster.Nodes[(i + 2) % 3].IsActiveAsync(tokens.AccessToken));
            }
        }
    }

    [Fact]
    public async Task A_host_that_is_blocked_on_one_node_is_blocked_on_every_node_within_five_seconds()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), nodes: 2);
        await using var host = new DocumentHost();
        var there = cluster.Nodes[1];
        Assert.False((await there.Get<DocumentClients>().FindAsync(host.NamedClientId, null)).Failed(out _, out _));
        await cluster.Nodes[0].Get<DocumentAdmin>().BlockAsync("localhost", "test");
        there.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True((await there.Get<DocumentClients>().FindAsync(host.NamedClientId, null)).Failed(out _, out _));
    }

    /// <summary>The nodes share an issuer that none of them listens at: its addresses are looked up at the flow's own node.</summary>
    private static async Task<HttpResponseMessage> WalkAsync(OidcFlow flow, HttpResponseMessage answer)
    {
        while (answer.Headers.Location is { } next && (!next.IsAbsoluteUri || next.Authority == "localhost:8400"))
        {
            answer = await flow.Browser.GetAsync(next.IsAbsoluteUri ? next.PathAndQuery : next.ToString());
        }

        return answer;
    }
}
