using System.Net;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Protocol.Authorize;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.PushedAuthorization;

/// <summary>Pushed authorization requests (RFC 9126): checked when they are pushed, opened for a minute, answered once.</summary>
public sealed class PushedRequestTests : IAsyncLifetime
{
    private const string Prefix = "urn:ietf:params:oauth:request_uri:";
    private SsoServer server = null!;
    private OidcApp app = null!;

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync();
        app = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.Rules) = (true, []));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_pushed_request_leads_through_the_pages_to_a_code()
    {
        var flow = new OidcFlow(server, app);
        var pushed = await PushAsync(flow);
        Assert.Equal(HttpStatusCode.Created, pushed.Status);
        Assert.Equal("no-store", pushed.Response.Headers.CacheControl!.ToString());
        Assert.InRange(pushed.Body.GetProperty("expires_in").GetInt32(), 5, 599);
        var requestUri = UriOf(pushed);
        Assert.StartsWith(Prefix, requestUri, StringComparison.Ordinal);
        Assert.Equal(43, requestUri.Length - Prefix.Length);

        var answer = await flow.ReadAsync(await flow.WalkAsync(await OpenAsync(flow, requestUri)));
        Assert.Equal(["/account/login"], flow.Seen);
        Assert.Equal(flow.State, answer.State);
        Assert.Equal(server.Issuer, answer.Issuer);
        var tokens = await flow.RedeemAsync(answer.Code);
        Assert.Equal(flow.Nonce, JsonAnswer.PayloadOf(tokens.Body.GetProperty("id_token").GetString()!).GetProperty("nonce").GetString());
    }

    [Fact]
    public async Task The_discovery_document_names_the_endpoint_and_says_whether_pushing_is_required()
    {
        Assert.Equal((server.Issuer + "/connect/par", false), await MetadataAsync(server));
        await using var strict = await SsoServer.StartAsync(new SsoServerOptions { Settings = new Dictionary<string, string?> { ["Sso:RequirePushedRequests"] = "true" } });
        Assert.Equal((strict.Issuer + "/connect/par", true), await MetadataAsync(strict));
        var flow = new OidcFlow(strict, OidcApp.Notes);
        Assert.Equal("invalid_request", (await flow.ReadAsync(await flow.AuthorizeAsync())).Error);
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(await OpenAsync(flow, UriOf(await PushAsync(flow)))))).Code);
    }

    [Fact]
    public async Task A_public_client_may_push_and_a_browser_app_across_origins_too()
    {
        var flow = new OidcFlow(server, OidcApp.Notes);
        var answer = await flow.ReadAsync(await flow.WalkAsync(await OpenAsync(flow, UriOf(await PushAsync(flow)))));
        Assert.Equal(HttpStatusCode.OK, (await flow.RedeemAsync(answer.Code)).Status);

        using var preflight = new HttpRequestMessage(HttpMethod.Options, new Uri(server.Address, "/connect/par"));
        preflight.Headers.Add("Origin", "http://localhost:8601");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        Assert.Equal("http://localhost:8601", (await flow.Browser.SendAsync(preflight)).Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task What_the_authorization_endpoint_would_refuse_is_refused_when_it_is_pushed()
    {
        var flow = new OidcFlow(server, app);
        foreach (var (change, error) in new[]
        {
            (("redirect_uri", "https://evil.test/cb"), "invalid_request"),
            (("redirect_uri", null), "invalid_request"),
            (("response_type", "code id_token"), "unsupported_response_type"),
            (("scope", "openid everything"), "invalid_scope"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("code_challenge", null), "invalid_request"),
            (("prompt", "none login"), "invalid_request"),
            (("request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"),
            (("state", "a\0b"), "invalid_request"),
        })
        {
            var refused = await PushAsync(flow, change);
            Assert.Equal((change, HttpStatusCode.BadRequest, error), (change, refused.Status, refused.Error));
        }

        var service = new OidcFlow(server, new OidcApp("orders-worker", "orders-worker-development-secret-0001", "https://app.example/callback"));
        Assert.Equal(HttpStatusCode.BadRequest, (await PushAsync(service)).Status);
        using var get = await flow.Browser.GetAsync("/connect/par?" + "client_id=notes");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task AZ_48_nobody_pushes_without_authentication_nor_a_reference_to_another_request()
    {
        var flow = new OidcFlow(server, app);
        var stranger = new OidcFlow(server, app with { Secret = "wrong" });
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), Said(await PushAsync(stranger)));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), Said(await PushAsync(new OidcFlow(server, app with { Secret = null }))));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), Said(await PushAsync(flow, ("request_uri", UriOf(await PushAsync(flow))))));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), Said(await PushAsync(flow, ("client_id", "notes"))));
    }

    [Fact]
    public async Task AZ_48_a_request_uri_is_of_no_use_to_another_client_after_its_answer_and_after_a_minute()
    {
        var flow = new OidcFlow(server, app);
        var requestUri = UriOf(await PushAsync(flow));
        await ExpectOverAsync(await flow.Browser.GetAsync($"/connect/authorize?client_id=notes&request_uri={Uri.EscapeDataString(requestUri)}"));
        await ExpectOverAsync(await flow.Browser.GetAsync($"/connect/authorize?request_uri={Uri.EscapeDataString(requestUri)}"));
        await ExpectOverAsync(await OpenAsync(flow, Prefix + new string('a', 43)));
        await ExpectOverAsync(await OpenAsync(flow, Prefix));

        // Opened twice before anything came of it, as by a person who reloads (the suite's par-ensure-reused-request-uri-prior-to-auth-completion-succeeds).
        await OpenAsync(flow, requestUri);
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(await OpenAsync(flow, requestUri)))).Code);
        await ExpectOverAsync(await OpenAsync(flow, requestUri));

        var late = UriOf(await PushAsync(flow));
        server.Clock.Advance(TimeSpan.FromSeconds(60));
        await ExpectOverAsync(await OpenAsync(flow, late));
    }

    [Fact]
    public async Task Who_opened_it_in_time_may_take_longer_to_sign_in()
    {
        var flow = new OidcFlow(server, app);
        var page = await flow.Browser.FollowAsync(await OpenAsync(flow, UriOf(await PushAsync(flow))));
        server.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(page))).Code);
    }

    [Fact]
    public async Task Of_two_sign_ins_begun_from_one_pushed_request_one_gets_the_code()
    {
        var first = new OidcFlow(server, app);
        var second = new OidcFlow(server, app) { Person = Person.Bob };
        var requestUri = UriOf(await PushAsync(first));
        var firstPage = await first.Browser.FollowAsync(await OpenAsync(first, requestUri));
        var secondPage = await second.Browser.FollowAsync(await OpenAsync(second, requestUri));
        Assert.NotEmpty((await first.ReadAsync(await first.WalkAsync(firstPage))).Code);
        await ExpectOverAsync(await second.WalkAsync(secondPage));
    }

    [Fact]
    public async Task An_error_that_goes_to_the_client_spends_the_request_too()
    {
        var flow = new OidcFlow(server, app);
        var requestUri = UriOf(await PushAsync(flow, ("prompt", "none")));
        Assert.Equal("login_required", (await flow.ReadAsync(await OpenAsync(flow, requestUri))).Error);
        await ExpectOverAsync(await OpenAsync(flow, requestUri));
    }

    [Fact]
    public async Task AZ_49_what_the_address_adds_to_a_pushed_request_does_not_count()
    {
        var flow = new OidcFlow(server, app);
        var requestUri = UriOf(await PushAsync(flow, ("scope", "openid")));
        var added = "&scope=openid%20email&redirect_uri=https%3A%2F%2Fevil.test%2Fcb&prompt=none&state=evil&response_mode=form_post&nonce=evil";
        var answer = await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.GetAsync(Url(requestUri) + added)));
        Assert.Equal(flow.State, answer.State);
        Assert.Equal(HttpStatusCode.SeeOther, answer.Response.StatusCode);
        var tokens = await flow.RedeemAsync(answer.Code);
        Assert.Equal("openid", tokens.Body.GetProperty("scope").GetString());
        Assert.Equal(flow.Nonce, JsonAnswer.PayloadOf(tokens.Body.GetProperty("id_token").GetString()!).GetProperty("nonce").GetString());
    }

    [Fact]
    public async Task AZ_49_a_state_that_was_not_pushed_is_not_answered()
    {
        var flow = new OidcFlow(server, app);
        var requestUri = UriOf(await PushAsync(flow, ("state", null)));
        var answer = await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.GetAsync(Url(requestUri) + "&state=outside")));
        Assert.Null(answer.State);
    }

    [Fact]
    public async Task AZ_50_a_client_that_must_push_is_refused_a_plain_request_and_a_page_shows_the_rule()
    {
        var strict = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.Rules) = (true, [ClientRule.RequirePushedRequests]));
        var flow = new OidcFlow(server, strict);
        Assert.Equal("invalid_request", (await flow.ReadAsync(await flow.AuthorizeAsync())).Error);
        Assert.Equal("invalid_request", (await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.PostAsync("/connect/authorize", flow.Parameters())))).Error);
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(await OpenAsync(flow, UriOf(await PushAsync(flow)))))).Code);
        using var admin = await PageForms.SignedInAsync(server, Person.Admin);
        var page = await admin.PageAsync($"/admin/clients/edit?id={strict.ClientId}");
        Assert.Contains("Must push its requests", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pushed_request_may_be_opened_by_post_as_well()
    {
        var flow = new OidcFlow(server, app);
        var posted = await flow.Browser.PostAsync("/connect/authorize", [("client_id", app.ClientId), ("request_uri", UriOf(await PushAsync(flow)))]);
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(posted))).Code);
    }

    [Fact]
    public async Task AZ_25_a_pushed_request_is_neither_a_code_nor_a_waiting_sign_in()
    {
        var flow = new OidcFlow(server, app);
        var id = UriOf(await PushAsync(flow))[Prefix.Length..];
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(id)).Error);
        using var page = await flow.Browser.GetAsync("/connect/authorize/continue?request=" + id);
        await AuthorizeRun.ExpectPageAsync(page);
    }

    private static (HttpStatusCode Status, string? Error) Said(JsonAnswer answer) => (answer.Status, answer.Error);

    private static string UriOf(JsonAnswer pushed) => pushed.Body.GetProperty("request_uri").GetString()!;

    private static Task<JsonAnswer> PushAsync(OidcFlow flow, params (string Name, string? Value)[] changes) =>
        flow.PostAsync("/connect/par", flow.Parameters(changes).Where(parameter => parameter.Name != "client_id").Select(parameter => (parameter.Name, (string?)parameter.Value)), changes.Where(change => change.Name == "client_id").ToArray());

    private string Url(string requestUri) => $"/connect/authorize?client_id={app.ClientId}&request_uri={Uri.EscapeDataString(requestUri)}";

    private static Task<HttpResponseMessage> OpenAsync(OidcFlow flow, string requestUri) =>
        flow.Browser.GetAsync($"/connect/authorize?client_id={flow.App.ClientId}&request_uri={Uri.EscapeDataString(requestUri)}");

    private static async Task ExpectOverAsync(HttpResponseMessage response)
    {
        await AuthorizeRun.ExpectPageAsync(response);
        var page = await TestBrowser.ReadAsync(response);
        Assert.Equal(("This sign-in is over", "invalid_request_uri"), (page.QuerySelector("h1")!.TextContent, page.QuerySelector("#code")!.TextContent));
    }

    private static async Task<(string? Endpoint, bool Required)> MetadataAsync(SsoServer server)
    {
        using var browser = server.NewBrowser();
        using var json = JsonDocument.Parse(await (await browser.GetAsync("/.well-known/openid-configuration")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (json.RootElement.GetProperty("pushed_authorization_request_endpoint").GetString(), json.RootElement.GetProperty("require_pushed_authorization_requests").GetBoolean());
    }
}
