using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>The pages on the way: what they show of hostile input, who may post to them, where they may lead.</summary>
[Collection<AuthorizeCollection>]
public sealed class PageTests(AuthorizeRun run)
{
    [Fact]
    public async Task AZ_35_a_hostile_name_is_text_on_the_consent_page()
    {
        const string name = "<img src=x onerror=alert(1)>";
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server, client => client.Name = name));
        var signIn = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var consent = await flow.Browser.FollowAsync(await flow.SignInAsync(signIn));
        foreach (var response in new[] { signIn, consent })
        {
            var page = await TestBrowser.ReadAsync(response);
            Assert.Contains(name, page.Body!.TextContent, StringComparison.Ordinal);
            Assert.Null(page.QuerySelector("img[onerror]"));
            Assert.DoesNotContain("unsafe-inline", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a\u202eb")]
    [InlineData("a\nb")]
    [InlineData("a\u2028b")]
    [InlineData("a\u200bb")]
    [InlineData("10k")]
    public async Task AZ_35_names_that_deceive_cannot_be_registered(string name)
    {
        var client = new Client { ClientId = "", Name = name == "10k" ? new string('n', 10_000) : name, Kind = ClientKind.Web, RedirectUris = ["https://app.example/cb"] };
        Assert.Contains((await run.Server.Get<ClientAdmin>().CreateAsync(client, "test")).Problems, problem => problem.Field == nameof(Client.Name));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:image/svg+xml,x")]
    [InlineData("http://app.example/logo.png")]
    public async Task AZ_35_a_logo_comes_by_https(string logo)
    {
        var client = new Client { ClientId = "", Name = "x", Kind = ClientKind.Web, RedirectUris = ["https://app.example/cb"], LogoUri = logo };
        Assert.Contains((await run.Server.Get<ClientAdmin>().CreateAsync(client, "test")).Problems, problem => problem.Field == nameof(Client.LogoUri));
    }

    [Fact]
    public async Task AZ_36_the_form_post_page_encodes_what_it_carries_and_runs_one_script()
    {
        const string state = "\"><script>alert(1)</script>";
        var flow = run.Flow();
        foreach (var scope in new[] { "openid", "nonsense" })
        {
            var response = await flow.WalkAsync(("response_mode", "form_post"), ("state", state), ("scope", scope));
            Assert.Equal(state, (await flow.ReadAsync(response)).State);
            Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
            var page = await TestBrowser.ReadAsync(response);
            var script = Assert.Single(page.QuerySelectorAll("script"));
            var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(script.TextContent)));
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains($"script-src 'sha256-{hash}'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("form-action", policy, StringComparison.Ordinal);
            Assert.NotNull(page.QuerySelector("button"));
            Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        }
    }

    [Fact]
    public async Task AZ_37_no_page_can_be_framed()
    {
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server)) { Person = Person.Admin };
        var signIn = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var consent = await flow.Browser.FollowAsync(await flow.SignInAsync(signIn));
        List<HttpResponseMessage> pages = [signIn, consent];
        foreach (var path in new[] { "/account/logout", "/admin/clients", "/", "/connect/authorize", "/connect/authorize/continue?request=x", "/nowhere", "/connect/endsession?id_token_hint=x" })
        {
            pages.Add(await flow.Browser.FollowAsync(await flow.Browser.GetAsync(path)));
        }

        pages.Add(await flow.WalkAsync(("response_mode", "form_post"), ("scope", "nonsense")));
        pages.Add(await flow.Browser.PostAsync("/account/login"));
        Assert.All(pages, page =>
        {
            Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
            Assert.Contains("frame-ancestors 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.Equal("DENY", Assert.Single(page.Headers.GetValues("X-Frame-Options")));
        });
    }

    [Fact]
    public async Task AZ_38_forms_are_taken_only_from_our_own_page_at_this_browser()
    {
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server));
        var other = new OidcFlow(run.Server, flow.App) { Person = Person.Bob };
        var signIn = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        (string, string)[] password = [("Username", flow.Person.UserName), ("Password", flow.Person.Password)];
        await ExpectRefusedAsync(flow, signIn, "#login", await TokenOfAsync(other, await other.Browser.FollowAsync(await other.AuthorizeAsync())), password);
        var consent = await flow.Browser.FollowAsync(await flow.SignInAsync(signIn));
        var others = await other.Browser.FollowAsync(await other.SignInAsync(await other.Browser.FollowAsync(await other.AuthorizeAsync())));
        await ExpectRefusedAsync(flow, consent, "#accept", await TokenOfAsync(other, others));
        await ExpectRefusedAsync(flow, await flow.Browser.GetAsync("/account/logout"), "#logout", await TokenOfAsync(other, await other.Browser.GetAsync("/account/logout")));
        Assert.NotNull((await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.ClickAsync(consent, "#accept")))).Code);
    }

    [Fact]
    public async Task AZ_40_consent_is_given_to_what_was_seen_at_this_browser_and_to_nothing_else()
    {
        var app = await OidcApp.RegisterAsync(run.Server);
        var flow = new OidcFlow(run.Server, app);
        var other = new OidcFlow(run.Server, app) { Person = Person.Bob };
        var page = await flow.Browser.FollowAsync(await flow.SignInAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync())));
        var foreign = await other.Browser.FollowAsync(await other.SignInAsync(await other.Browser.FollowAsync(await other.AuthorizeAsync())));
        Assert.Equal("/consent", page.RequestMessage!.RequestUri!.AbsolutePath);

        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.ClickAsync(page, "#accept", ("scopes", "email"))).StatusCode);
        var token = await TokenOfAsync(flow, page);
        var foreignUrl = foreign.RequestMessage!.RequestUri!.PathAndQuery;
        foreach (var url in new[] { foreignUrl, "/consent?request=" + new string('a', 43), "/consent" })
        {
            foreach (var handler in new[] { "", "&handler=Deny" })
            {
                var refused = await flow.Browser.PostAsync(url + (url.Contains('?', StringComparison.Ordinal) ? handler : handler.Replace('&', '?')), ("scopes", "openid"), ("__RequestVerificationToken", token));
                Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            }
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.GetAsync(foreignUrl)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.GetAsync("/connect/authorize/continue" + foreign.RequestMessage.RequestUri.Query)).StatusCode);

        // Nothing was granted, and the foreign request still waits for its own person.
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("prompt", "none")), "consent_required");
        run.ExpectRedirect(other, await other.AuthorizeAsync(("prompt", "none")), "consent_required");
        Assert.NotNull((await other.ReadAsync(await other.WalkAsync(await other.Browser.ClickAsync(foreign, "#accept")))).Code);
    }

    [Fact]
    public async Task AZ_44_a_form_is_answered_with_a_redirect_that_does_not_post_again()
    {
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server));
        var signedIn = await flow.SignInAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync()));
        Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);
        var allowed = await flow.Browser.ClickAsync(await flow.Browser.FollowAsync(signedIn), "#accept");
        Assert.Equal(HttpStatusCode.SeeOther, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await flow.Browser.GetAsync(allowed.Headers.Location!.ToString())).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await flow.Browser.PostAsync("/connect/authorize", flow.Parameters())).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await flow.Browser.ClickAsync(await flow.Browser.GetAsync("/account/logout"), "#logout")).StatusCode);
    }

    [Fact]
    public async Task AZ_44_what_comes_in_the_clear_to_an_https_deployment_is_refused_and_not_redirected()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "https://sso.example" });
        var flow = new OidcFlow(server, OidcApp.Notes);
        (string, string)[] password = [("Username", flow.Person.UserName), ("Password", flow.Person.Password)];
        HttpResponseMessage[] answers =
        [
            await flow.Browser.PostAsync("/account/login", password),
            await flow.Browser.GetAsync("/account/login"),
            await flow.Browser.PostAsync("/connect/authorize", flow.Parameters()),
            await flow.Browser.PostAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", "orders-worker"), ("client_secret", "orders-worker-development-secret-0001")),
            await flow.Browser.PostAsync("/connect/revoke", ("token", "x"), ("client_id", "notes")),
        ];
        Assert.All(answers, answer =>
        {
            Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
            Assert.Null(answer.Headers.Location);
        });
        Assert.NotNull((await TestBrowser.ReadAsync(answers[0])).QuerySelector("#support"));
        Assert.Contains(server.Logs, line => line.Contains("Sso:TrustedProxies", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await flow.Browser.GetAsync("/.well-known/jwks.json")).StatusCode);
    }

    [Fact]
    public async Task AZ_45_pages_send_no_referrer_and_load_nothing_from_elsewhere()
    {
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server));
        var signIn = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var consent = await flow.Browser.FollowAsync(await flow.SignInAsync(signIn));
        var redirect = await flow.WalkAsync(await flow.Browser.ClickAsync(consent, "#accept"));
        var posted = await flow.WalkAsync(("response_mode", "form_post"));
        var error = await flow.AuthorizeAsync(("redirect_uri", "https://evil.test"));
        Assert.All([signIn, consent, redirect, posted, error], response => Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy"))));
        foreach (var response in new[] { signIn, consent, posted, error })
        {
            var page = await TestBrowser.ReadAsync(response);
            var loaded = page.QuerySelectorAll("script[src], img[src], iframe[src], link[href]").Select(element => element.GetAttribute("src") ?? element.GetAttribute("href")!);
            Assert.All(loaded, source => Assert.Matches("^/[^/]|^data:", source));
        }
    }

    [Fact]
    public async Task AZ_53_after_signing_out_the_back_button_finds_nothing_kept()
    {
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server));
        var consent = await flow.Browser.FollowAsync(await flow.SignInAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync())));
        var pages = new List<HttpResponseMessage> { consent, await flow.Browser.GetAsync("/"), await flow.Browser.GetAsync("/account/logout"), await flow.Browser.GetAsync(flow.AuthorizeUrl()) };
        Assert.All(pages, page => Assert.Contains("no-store", page.Headers.CacheControl!.ToString(), StringComparison.Ordinal));
        await flow.Browser.ClickAsync(pages[2], "#logout");
        var portal = await flow.Browser.FollowAsync(await flow.Browser.GetAsync("/"));
        Assert.Equal("/account/login", portal.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.DoesNotContain("Alice", await portal.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>Without a token, with another person's, and with our own from another site.</summary>
    private static async Task ExpectRefusedAsync(OidcFlow flow, HttpResponseMessage page, string button, string foreignToken, params (string, string)[] fields)
    {
        var url = page.RequestMessage!.RequestUri!.PathAndQuery;
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PostAsync(url, fields)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PostAsync(url, [.. fields, ("__RequestVerificationToken", foreignToken)])).StatusCode);
        flow.Browser.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.ClickAsync(page, button, fields)).StatusCode);
        flow.Browser.Headers.Remove("Sec-Fetch-Site");
    }

    private static async Task<string> TokenOfAsync(OidcFlow flow, HttpResponseMessage page)
    {
        var document = await TestBrowser.ReadAsync(await flow.Browser.GetAsync(page.RequestMessage!.RequestUri!.PathAndQuery));
        return document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
    }
}
