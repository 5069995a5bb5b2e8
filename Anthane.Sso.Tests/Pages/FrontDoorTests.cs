using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>What holds for every page, whoever asks.</summary>
public sealed class FrontDoorTests
{
    private static readonly string[] AdminPages =
    [
        "/admin", "/admin/clients", "/admin/clients/new", "/admin/clients/edit?id=notes", "/admin/clients/delete?id=notes",
        "/admin/apis", "/admin/apis/new", "/admin/apis/edit?id=https://orders.anthane.test", "/admin/apis/delete?id=https://orders.anthane.test",
        "/admin/people", "/admin/people/new",
    ];

    [Fact]
    public async Task Admin_pages_send_strangers_to_sign_in_and_answer_403_to_others()
    {
        await using var server = await SsoServer.StartAsync();
        using var stranger = server.NewBrowser();
        using var alice = await server.SignedInAsync(Person.Alice);
        using var admin = await server.SignedInAsync(Person.Admin);
        foreach (var address in AdminPages)
        {
            var challenged = await stranger.GetAsync(address);
            Assert.Equal(HttpStatusCode.Redirect, challenged.StatusCode);
            Assert.Equal("/account/login?returnUrl=" + Uri.EscapeDataString(address), challenged.Headers.Location!.ToString());

            var refused = await alice.GetAsync(address);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Equal("This page is for admins", (await TestBrowser.ReadAsync(refused)).Text("h1"));

            Assert.True((int)(await admin.FollowAsync(await admin.GetAsync(address))).StatusCode == 200, address);
        }
    }

    [Fact]
    public async Task An_admin_page_that_was_asked_for_comes_after_signing_in()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var page = await browser.FollowAsync(await browser.GetAsync("/admin/clients?q=notes"));
        var answer = await browser.PressAsync(page, "#login", ("Username", Person.Admin.UserName), ("Password", Person.Admin.Password));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/admin/clients?q=notes", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task AZ_37_no_page_can_be_framed_errors_included()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        foreach (var address in new[] { "/account/login", "/consent?request=x", "/account/logout", "/admin/clients", "/nowhere", "/error", "/connect/authorize?client_id=x" })
        {
            var answer = await browser.GetAsync(address);
            Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        }
    }

    [Fact]
    public async Task AZ_38_a_form_without_its_own_token_is_refused_and_changes_nothing()
    {
        await using var server = await SsoServer.StartAsync();
        using var alice = await server.SignedInAsync(Person.Alice);
        using var bob = await server.SignedInAsync(Person.Bob);
        var hers = (await alice.PageAsync("/account/logout")).QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        var without = await bob.PostAsync("/account/logout");
        var withHers = await bob.PostAsync("/account/logout", ("__RequestVerificationToken", hers));
        using var stranger = server.NewBrowser();
        var signIn = await stranger.PostAsync("/account/login", ("Username", Person.Bob.UserName), ("Password", Person.Bob.Password));
        var consent = await bob.PostAsync("/consent?request=x", ("scopes", "openid"));

        foreach (var refused in new[] { without, withHers, signIn, consent })
        {
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal("This form is out of date", (await TestBrowser.ReadAsync(refused)).Text("h1"));
        }

        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task AZ_41_no_spelling_of_a_return_address_leaves_this_server()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var tried = 0;
        foreach (var payload in ReturnAddresses.Hostile())
        {
            foreach (var query in new[] { Uri.EscapeDataString(payload), payload.Replace("&", "%26", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal) })
            {
                if (query.Any(c => c is <= ' ' or >= '\x7f'))
                {
                    continue;
                }

                tried++;
                var request = new HttpRequestMessage(HttpMethod.Get, server.Address + "account/login?returnUrl=" + query);
                var location = (await admin.SendAsync(request)).Headers.Location?.OriginalString ?? "/";
                Assert.True(new Uri(server.Address, location).Authority == server.Address.Authority && !location.StartsWith("//", StringComparison.Ordinal) && !location.Contains('\\', StringComparison.Ordinal), $"{payload} led to {location}");
            }
        }

        Assert.True(tried > 500, $"{tried} spellings were tried");
    }

    [Fact]
    public async Task AZ_45_pages_load_nothing_from_elsewhere_and_tell_nobody_where_one_was()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        var answer = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var page = await TestBrowser.ReadAsync(answer);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.All(page.QuerySelectorAll("[src], link[href]"), element => Assert.StartsWith("/", element.GetAttribute("src") ?? element.GetAttribute("href"), StringComparison.Ordinal));
        Assert.Empty(page.QuerySelectorAll("script:not([src]), style, [style], [onclick], [onload]"));
    }

    [Fact]
    public async Task AZ_53_no_page_stays_in_a_cache_for_the_back_button()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        foreach (var address in new[] { "/", "/account/logout", "/admin/clients", "/admin/people", "/nowhere" })
        {
            Assert.True((await admin.GetAsync(address)).Headers.CacheControl is { NoStore: true }, address);
        }

        await admin.PressAsync("/account/logout", "#logout");
        var after = await admin.GetAsync("/");
        Assert.Equal("/account/login", after.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_bad_redirect_address_is_explained_on_our_page_with_a_support_id_that_the_log_has()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        var answer = await flow.AuthorizeAsync(("redirect_uri", "https://evil.test/"));
        var page = await TestBrowser.ReadAsync(answer);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
        Assert.Equal("invalid_request", page.Text("#code"));
        Assert.Contains("redirect_uri", page.Text("#description"), StringComparison.Ordinal);
        Assert.Contains(server.Logs, line => line.Contains(page.Text("#support"), StringComparison.Ordinal));
    }

    [Fact]
    public void The_style_sheet_stays_small()
    {
        using var sheet = typeof(SsoHost).Assembly.GetManifestResourceStream("Anthane.Sso.wwwroot.sso.css")!;
        Assert.InRange(sheet.Length, 1, 25_000);
    }
}
