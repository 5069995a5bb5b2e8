using System.Net;
using Anthane.Oidc.Interactions;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Operations;

/// <summary>Requests that wait for their person are rows that strangers can order: their number is bounded.</summary>
public sealed class WaitingRequestTests
{
    private const int Most = 10;

    [Fact]
    public async Task One_address_starts_so_many_sign_ins_in_a_minute_and_the_next_is_refused_on_a_page_and_leaves_no_row()
    {
        await using var server = await StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        for (var i = 0; i < Most; i++)
        {
            var started = i % 2 == 0 ? await flow.AuthorizeAsync() : await PostAsync(flow);
            Assert.Equal(HttpStatusCode.SeeOther, started.StatusCode);
        }

        foreach (var refused in new[] { await flow.AuthorizeAsync(), await PostAsync(flow) })
        {
            await ExpectRefusalAsync(server, refused, HttpStatusCode.TooManyRequests, "too_many_requests");
        }

        Assert.Equal(Most, await RowsAsync(server));
        using var neighbour = BackChannel.From(IPAddress.Parse("127.0.0.2"));
        Assert.Equal(HttpStatusCode.OK, (await neighbour.GetAsync(new Uri(server.Address, flow.AuthorizeUrl()), TestContext.Current.CancellationToken)).StatusCode);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEmpty((await flow.AnswerAsync()).Code);
    }

    [Fact]
    public async Task Who_is_signed_in_goes_on_from_a_network_where_strangers_used_up_the_limit()
    {
        await using var server = await StartAsync();
        var app = await OidcApp.RegisterAsync(server);
        var flow = await server.SignedInAsync(app);
        await UseUpAsync(server);

        Assert.Equal("/consent", new Uri((await flow.AuthorizeAsync()).Headers.Location!.OriginalString).AbsolutePath);
        Assert.NotEmpty((await flow.AnswerAsync(("prompt", "login"))).Code);
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(await PostAsync(flow)))).Code);
    }

    [Fact]
    public async Task What_is_pushed_in_the_name_of_a_public_client_counts_and_what_a_client_with_a_secret_pushes_does_not()
    {
        await using var server = await StartAsync();
        await UseUpAsync(server);
        var refused = await PushAsync(new OidcFlow(server, OidcApp.Notes));
        Assert.Equal((HttpStatusCode.TooManyRequests, "too_many_requests"), (refused.Status, refused.Error));
        Assert.NotNull(refused.Response.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Created, (await PushAsync(new OidcFlow(server, await OidcApp.RegisterAsync(server)))).Status);

        static Task<JsonAnswer> PushAsync(OidcFlow flow) =>
            flow.PostAsync("/connect/par", flow.Parameters(("client_id", null)).Select(parameter => (parameter.Name, (string?)parameter.Value)));
    }

    [Fact]
    public async Task A_request_that_needs_no_person_is_not_counted()
    {
        await using var server = await StartAsync();
        await UseUpAsync(server);
        var flow = new OidcFlow(server, OidcApp.Notes);
        Assert.Equal("login_required", AuthorizationAnswer.Of(await flow.AuthorizeAsync(("prompt", "none")), OidcApp.Notes.RedirectUri)!.Error);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync(("redirect_uri", "https://elsewhere.example/"))).StatusCode);
    }

    [Fact]
    public async Task Sign_outs_that_wait_are_counted_with_them()
    {
        await using var server = await StartAsync();
        var app = await OidcApp.RegisterAsync(server);
        var path = $"/connect/endsession?client_id={app.ClientId}&post_logout_redirect_uri=https://app.example/signed-out";
        using var browser = server.NewBrowser();
        for (var i = 0; i < Most; i++)
        {
            Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync(path)).StatusCode);
        }

        await ExpectRefusalAsync(server, await browser.GetAsync(path), HttpStatusCode.TooManyRequests, "too_many_requests");
        var flow = await server.SignedInAsync();
        Assert.Equal(HttpStatusCode.SeeOther, (await flow.Browser.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task All_addresses_together_have_a_limit_too()
    {
        await using var server = await StartAsync(("Sso:Limits:SignInsPerMinute", "1000"), ("Sso:Limits:SignInsPerMinuteInAll", "10"));
        var flow = await UseUpAsync(server);
        await ExpectRefusalAsync(server, await flow.AuthorizeAsync(), HttpStatusCode.ServiceUnavailable, "temporarily_unavailable");
        using var neighbour = BackChannel.From(IPAddress.Parse("127.0.0.2"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await neighbour.GetAsync(new Uri(server.Address, flow.AuthorizeUrl()), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task In_Development_loopback_is_free_of_the_limit()
    {
        await using var server = await StartAsync(("Sso:Limits:ExemptLoopback", null));
        var flow = await UseUpAsync(server);
        Assert.Equal(HttpStatusCode.SeeOther, (await flow.AuthorizeAsync()).StatusCode);
    }

    private static Task<SsoServer> StartAsync(params (string Name, string? Value)[] changes)
    {
        var settings = new Dictionary<string, string?> { ["Sso:Limits:SignInsPerMinute"] = "10", ["Sso:Limits:ExemptLoopback"] = "false" };
        foreach (var (name, value) in changes)
        {
            settings[name] = value;
        }

        return SsoServer.StartAsync(new SsoServerOptions { Settings = settings });
    }

    private static async Task<OidcFlow> UseUpAsync(SsoServer server)
    {
        var stranger = new OidcFlow(server, OidcApp.Notes);
        for (var i = 0; i < Most; i++)
        {
            Assert.Equal(HttpStatusCode.SeeOther, (await stranger.AuthorizeAsync()).StatusCode);
        }

        return stranger;
    }

    private static Task<HttpResponseMessage> PostAsync(OidcFlow flow) => flow.Browser.PostAsync("/connect/authorize", flow.Parameters());

    private static async Task ExpectRefusalAsync(SsoServer server, HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(1), answer.Headers.RetryAfter!.Delta);
        Assert.Null(answer.Headers.Location);
        var page = await TestBrowser.ReadAsync(answer);
        Assert.Equal(code, page.Text("#code"));
        Assert.Contains(server.Logs, line => line.Contains(code, StringComparison.Ordinal) && line.Contains(page.Text("#support"), StringComparison.Ordinal));
    }

    private static async Task<int> RowsAsync(SsoServer server)
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<PendingAuthorization>().CountAsync(TestContext.Current.CancellationToken);
    }
}
