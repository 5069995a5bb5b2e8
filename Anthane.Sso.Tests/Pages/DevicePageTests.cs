using System.Net;
using Anthane.Sso.Accounts;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>What a person sees who connects a device (RFC 8628 sections 3.3, 5.1 and 5.4).</summary>
public sealed class DevicePageTests
{
    [Fact]
    public async Task The_code_leads_over_the_sign_in_to_a_page_that_names_the_app_and_shows_the_code_again()
    {
        await using var server = await SsoServer.StartAsync();
        var device = new OidcFlow(server, await DeviceRun.TelevisionAsync(server));
        var asked = await device.AskAsync(("scope", "openid profile orders.read"));
        using var browser = server.NewBrowser();
        var opened = await browser.GetAsync("/device");
        Assert.Equal(("off", "text", "characters"), ((await TestBrowser.ReadAsync(opened)).QuerySelector("#Code")!.GetAttribute("autocomplete"), (await TestBrowser.ReadAsync(opened)).QuerySelector("#Code")!.GetAttribute("inputmode"), (await TestBrowser.ReadAsync(opened)).QuerySelector("#Code")!.GetAttribute("autocapitalize")));
        var signIn = await browser.FollowAsync(await browser.PressAsync(opened, "#continue", ("Code", asked.Text("user_code").ToLowerInvariant().Replace('-', ' '))));
        var confirm = await browser.FollowAsync(await browser.PressAsync(signIn, "#login", ("Username", Person.Alice.UserName), ("Password", Person.Alice.Password)));
        var page = await TestBrowser.ReadAsync(confirm);
        Assert.Equal(asked.Text("user_code"), page.Text("#code"));
        Assert.Contains("Television", page.Text("main"), StringComparison.Ordinal);
        Assert.Equal(3, page.QuerySelectorAll(".grants li").Length);
        Assert.Equal("authorization_pending", (await device.PollAsync(asked)).Error);

        var done = await TestBrowser.ReadAsync(await browser.ThenAsync(await browser.PressAsync(confirm, "#accept")));
        Assert.Equal("The device is connected", done.Text("h1"));
        Assert.Equal(HttpStatusCode.OK, (await device.PollAsync(asked)).Status);
        Assert.Equal("/device", (await browser.GetAsync("/device/done")).Headers.Location!.ToString());
    }

    [Fact]
    public async Task The_complete_address_fills_the_field_and_skips_no_question()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = await server.SignedInAsync(await DeviceRun.TelevisionAsync(server, client => client.FirstParty = true));
        var asked = await flow.AskAsync();
        var opened = await flow.Browser.GetAsync(asked.Text("verification_uri_complete"));
        var page = await TestBrowser.ReadAsync(opened);
        Assert.Equal(asked.Text("user_code"), page.QuerySelector("#Code")!.GetAttribute("value"));
        Assert.Equal("authorization_pending", (await flow.PollAsync(asked)).Error);
        var confirm = await flow.Browser.FollowAsync(await flow.Browser.PressAsync(opened, "#continue"));
        Assert.Contains("Is this the code on your device?", (await TestBrowser.ReadAsync(confirm)).Text("main"), StringComparison.Ordinal);
        server.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("authorization_pending", (await flow.PollAsync(asked)).Error);
        var refused = await TestBrowser.ReadAsync(await flow.Browser.ThenAsync(await flow.Browser.PressAsync(confirm, "#deny")));
        Assert.Equal("The device was refused", refused.Text("h1"));
        Assert.Equal("access_denied", (await flow.PollAsync(asked)).Error);
    }

    [Fact]
    public async Task Pressing_twice_says_what_the_first_press_did_and_to_nobody_else()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = await server.SignedInAsync(await DeviceRun.TelevisionAsync(server));
        var asked = await flow.AskAsync();
        var address = "/device/confirm?user_code=" + asked.Text("user_code");
        using var bob = await PageForms.SignedInAsync(server, Person.Bob);
        var (mine, his) = (await flow.Browser.GetAsync(address), await bob.GetAsync(address));
        for (var press = 0; press < 2; press++)
        {
            var done = await TestBrowser.ReadAsync(await flow.Browser.ThenAsync(await flow.Browser.PressAsync(mine, "#accept")));
            Assert.Equal("The device is connected", done.Text("h1"));
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await bob.PressAsync(his, "#accept")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PressAsync(mine, "#deny")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await flow.PollAsync(asked)).Status);
    }

    [Fact]
    public async Task The_picture_to_scan_is_made_of_the_code_alone_and_of_nothing_else()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var page = await browser.PageAsync("/device?user_code=bcdfghjk");
        var picture = await browser.GetAsync(page.QuerySelector("img.qr")!.GetAttribute("src")!);
        Assert.Equal("image/svg+xml", picture.Content.Headers.ContentType!.MediaType);
        var svg = await picture.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("<svg xmlns", svg, StringComparison.Ordinal);
        foreach (var hostile in new[] { "", "x", "BCDFGHJKL", "https://evil.test", "BCDFGHJK\"/><script>" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/device/qr?user_code=" + Uri.EscapeDataString(hostile))).StatusCode);
            var filled = await browser.PageAsync("/device?user_code=" + Uri.EscapeDataString(hostile));
            Assert.Equal(("", 0), (filled.QuerySelector("#Code")!.GetAttribute("value"), filled.QuerySelectorAll("img").Length));
        }
    }

    [Fact]
    public async Task A_code_that_is_unknown_over_used_or_refused_looks_the_same_and_a_stranger_learns_nothing()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = await server.SignedInAsync(await DeviceRun.TelevisionAsync(server));
        var (expired, live) = (await flow.AskAsync(), "");
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        var (used, refused) = (await flow.AllowedAsync(), await flow.AskAsync());
        await flow.Browser.DecideAsync(refused.Text("user_code"), "#deny");
        live = (await flow.AskAsync()).Text("user_code");

        var answers = new List<(HttpStatusCode, string, HttpStatusCode, string)>();
        foreach (var code in new[] { "BCDF-GHJK", expired.Text("user_code"), used.Text("user_code"), refused.Text("user_code") })
        {
            var typed = await flow.Browser.PressAsync("/device", "#continue", ("Code", code));
            var opened = await flow.Browser.GetAsync("/device/confirm?user_code=" + code);
            answers.Add((typed.StatusCode, (await TestBrowser.ReadAsync(typed)).Text("#Code-problem"), opened.StatusCode, (await TestBrowser.ReadAsync(opened)).Text("main")));
        }

        Assert.Single(answers.Distinct());
        Assert.Equal(HttpStatusCode.BadRequest, answers[0].Item1);

        using var stranger = server.NewBrowser();
        foreach (var code in new[] { "BCDF-GHJK", live })
        {
            Assert.Equal("/device/confirm?user_code=" + code, (await stranger.PressAsync("/device", "#continue", ("Code", code))).Headers.Location!.ToString());
            Assert.StartsWith("/account/login?returnUrl=", (await stranger.GetAsync("/device/confirm?user_code=" + code)).Headers.Location!.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("DeviceCodesPerAccount", 3, false)]
    [InlineData("DeviceCodesPerAddress", 10, true)]
    [InlineData("DeviceCodesInAll", 100, true)]
    public async Task Guessing_is_limited_by_account_by_address_and_in_all_and_right_codes_do_not_count(string limit, int most, bool manyAccounts)
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Settings = new Dictionary<string, string?> { ["Sso:Limits:" + limit] = $"{most}", ["Sso:Limits:ExemptLoopback"] = limit == "DeviceCodesPerAddress" ? "false" : "true", ["Sso:Limits:PostsPerMinute"] = "100000" },
        });
        var alice = await server.SignedInAsync(await DeviceRun.TelevisionAsync(server));
        var bob = await server.SignedInAsync(alice.App, Person.Bob);
        var device = await alice.AskAsync();
        var entry = server.Get<DeviceEntry>();
        for (var i = 0; i < most; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await alice.Browser.GetAsync("/device/confirm?user_code=" + device.Text("user_code"))).StatusCode);
            if (manyAccounts)
            {
                var from = new Microsoft.AspNetCore.Http.DefaultHttpContext { Connection = { RemoteIpAddress = limit == "DeviceCodesPerAddress" ? IPAddress.Loopback : new IPAddress([10, 0, 0, (byte)i]) } };
                Assert.Null((await entry.FindAsync(from, $"person-{i}", "BCDF-GHJK")).RetryAfter);
            }
            else
            {
                Assert.Equal(HttpStatusCode.BadRequest, (await alice.Browser.GetAsync("/device/confirm?user_code=BCDF-GHJK")).StatusCode);
            }
        }

        var refused = await alice.Browser.GetAsync("/device/confirm?user_code=" + device.Text("user_code"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await alice.Browser.PressAsync("/device", "#continue", ("Code", device.Text("user_code")))).StatusCode);
        Assert.Equal(manyAccounts ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK, (await bob.Browser.GetAsync("/device/confirm?user_code=" + device.Text("user_code"))).StatusCode);

        server.Clock.Advance(TimeSpan.FromMinutes(15));
        var again = await alice.AskAsync();
        Assert.Equal(HttpStatusCode.OK, (await alice.Browser.GetAsync("/device/confirm?user_code=" + again.Text("user_code"))).StatusCode);
    }

    [Fact]
    public async Task AZ_38_an_answer_needs_the_form_of_this_person_at_this_browser_and_what_it_showed()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = await server.SignedInAsync(await DeviceRun.TelevisionAsync(server));
        var bob = await server.SignedInAsync(flow.App, Person.Bob);
        var asked = await flow.AskAsync();
        var address = "/device/confirm?user_code=" + asked.Text("user_code");
        var forAlice = await flow.Browser.GetAsync(address);

        // Without a token, from another site, with another person's form, or after somebody else signed in at the browser.
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PostAsync(address, ("scopes", "openid"), ("scopes", "orders.read"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await bob.Browser.PressAsync(forAlice, "#accept")).StatusCode);
        var session = flow.Browser.Cookies["anthane-session"];
        flow.Browser.Cookies["anthane-session"] = bob.Browser.Cookies["anthane-session"];
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PressAsync(forAlice, "#accept")).StatusCode);
        flow.Browser.Cookies["anthane-session"] = session;
        flow.Browser.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PressAsync(forAlice, "#accept")).StatusCode);
        flow.Browser.Headers.Remove("Sec-Fetch-Site");

        // More or less than was shown.
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PressAsync(forAlice, "#accept", ("scopes", "openid"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PressAsync(forAlice, "#accept", ("scopes", null))).StatusCode);
        Assert.Equal("authorization_pending", (await flow.PollAsync(asked)).Error);
        Assert.Equal(HttpStatusCode.SeeOther, (await flow.Browser.PressAsync(forAlice, "#accept")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.PressAsync(forAlice, "#deny")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await flow.PollAsync(asked)).Status);
    }
}
