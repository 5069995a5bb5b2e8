using System.Net;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Oidc.ClientDocuments;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.ClientDocuments;

/// <summary>What admins and people do about agents that describe themselves: disable, delete, block their host, withdraw.</summary>
public sealed class DocumentAdminTests : IAsyncLifetime
{
    private readonly DocumentHost host = new();
    private SsoServer server = null!;
    private OidcFlow flow = null!;
    private JsonAnswer tokens = null!;

    private string ClientId => host.NamedClientId;

    private ClientAdmin Clients => server.Get<ClientAdmin>();

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync();
        flow = new OidcFlow(server, host.App with { ClientId = ClientId });
        tokens = await flow.TokensAsync(("scope", "openid orders.read offline_access"), ("resource", DocumentHost.Orders));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_disabled_one_gets_nothing_and_what_it_has_ends_until_it_is_enabled()
    {
        await Clients.SetEnabledAsync(ClientId, false, "test");
        await EndedAsync("an admin has disabled it");
        await Clients.SetEnabledAsync(ClientId, true, "test");
        Assert.NotEmpty((await flow.AnswerAsync()).Code);
        Assert.True((await Clients.FindAsync(ClientId))!.Enabled);
    }

    [Fact]
    public async Task A_deleted_one_loses_what_it_has_and_may_ask_like_a_stranger()
    {
        await Clients.DeleteAsync(ClientId, "test");
        Assert.False(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        await flow.TokensAsync();
        Assert.NotNull(await Clients.FindAsync(ClientId));
    }

    [Fact]
    public async Task A_blocked_host_loses_all_its_clients_and_gets_no_new_ones_until_it_is_let_in()
    {
        var documents = server.Get<DocumentAdmin>();
        Assert.Null(await documents.BlockAsync(" LOCALHOST ", "test"));
        await EndedAsync("the host localhost is blocked");
        Assert.False((await Clients.FindAsync(ClientId))!.Enabled);
        var hits = host.Hits;
        var other = new OidcFlow(server, host.App with { ClientId = $"http://localhost:{host.Port}/new.json" });
        Assert.Equal(HttpStatusCode.BadRequest, (await other.AuthorizeAsync()).StatusCode);
        Assert.Equal(hits, host.Hits);

        Assert.True(await documents.UnblockAsync("localhost", "test"));
        Assert.False(await documents.UnblockAsync("localhost", "test"));
        await other.TokensAsync();
        await EndedAsync("an admin has disabled it");
    }

    [Fact]
    public async Task A_host_that_is_blocked_while_its_agent_waits_for_an_answer_gets_none()
    {
        var agent = await server.SignedInAsync(host.App with { ClientId = $"http://localhost:{host.Port}/late.json" });
        var consent = await agent.Browser.FollowAsync(await agent.AuthorizeAsync());
        await server.Get<DocumentAdmin>().BlockAsync("localhost", "test");
        var answer = await agent.Browser.FollowAsync(await agent.Browser.ClickAsync(consent, "#accept"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(await Clients.FindAsync(agent.App.ClientId));
    }

    [Fact]
    public async Task Blocking_a_domain_blocks_what_lies_under_it_and_nothing_beside_it()
    {
        await server.Get<DocumentAdmin>().BlockAsync("evil.example", "test");
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        var documents = server.Get<DocumentClients>();
        foreach (var blocked in new[] { "evil.example", "agents.evil.example", "a.b.evil.example" })
        {
            Assert.True((await documents.FindAsync($"https://{blocked}/a.json", null)).Failed(out var error, out _));
            Assert.Equal($"the host {blocked} is blocked", error!.Detail);
        }

        Assert.Equal(["notevil.example", "example"], DocumentUrl.HostAndAbove("notevil.example"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("com")]
    [InlineData("https://evil.example")]
    [InlineData("evil.example/path")]
    [InlineData("10.0.0.1")]
    [InlineData("*.example")]
    public async Task What_is_no_host_is_not_blocked(string name)
    {
        Assert.NotNull(await server.Get<DocumentAdmin>().BlockAsync(name, "test"));
        Assert.Empty(await server.Get<DocumentAdmin>().ListAsync());
    }

    [Fact]
    public async Task A_person_withdraws_what_they_allowed_and_its_tokens_end()
    {
        var subject = await server.SubjectIdAsync(Person.Alice);
        var app = Assert.Single(await server.Get<ConsentAdmin>().ListAsync(subject));
        Assert.Equal((ClientId, "Travel agent", $"localhost:{host.Port}"), (app.ClientId, app.Name, app.Host));
        Assert.True(await server.Get<ConsentAdmin>().WithdrawAsync(subject, ClientId));
        Assert.False(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
    }

    [Fact]
    public async Task Its_row_follows_its_document_when_somebody_allows_it_again_and_the_history_says_so()
    {
        var before = await Clients.FindAsync(ClientId);
        host.Document["client_name"] = "Travel agent of today";
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        await flow.TokensAsync();
        await flow.TokensAsync();
        var after = await Clients.FindAsync(ClientId);
        Assert.Equal(("Travel agent of today", before!.CreatedAt), (after!.Name, after.CreatedAt));
        var actions = (await server.Get<AuditLog>().ListAsync(ClientId, 10)).Select(row => row.Action);
        Assert.Equal(["client.document.change", "client.document.allow"], actions);
    }

    [Fact]
    public async Task An_admin_cannot_change_what_its_document_says()
    {
        var row = await Clients.FindAsync(ClientId);
        row!.RedirectUris = ["https://elsewhere.example/"];
        Assert.False((await Clients.UpdateAsync(row, "test")).Saved);
        host.Document["redirect_uris"] = new JsonArray(DocumentHost.RedirectUri);
        Assert.NotEmpty((await flow.AnswerAsync()).Code);
    }

    private async Task EndedAsync(string reason)
    {
        Assert.False(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Equal("invalid_client", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync()).StatusCode);
        Assert.Contains(server.Logs, line => line.Contains(reason, StringComparison.Ordinal));
    }
}
