using System.Net;
using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

public sealed class AdminPageTests
{
    [Fact]
    public async Task A_browser_app_is_registered_in_two_steps_and_signs_people_in()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var kinds = await admin.PageAsync("/admin/clients/new");
        Assert.Equal(4, kinds.QuerySelectorAll(".tile").Length);
        var made = await admin.PressAsync(
            kinds.QuerySelector("#kind-Browser")!.GetAttribute("href")!,
            "#save",
            ("Form.Name", "Third app"),
            ("Form.ClientId", "third"),
            ("Form.FirstParty", "true"),
            ("Form.RedirectUris", "https://third.example/cb\r\nhttps://third.example/cb2\r\n"));
        var page = await TestBrowser.ReadAsync(await admin.ThenAsync(made));
        Assert.Equal("Third app", page.Text("h1"));
        Assert.Null(page.QuerySelector("#secret"));
        Assert.Contains("Ada Keeper", page.Text("#history"), StringComparison.Ordinal);

        var tokens = await new OidcFlow(server, new OidcApp("third", null, "https://third.example/cb2")).TokensAsync();
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
    }

    [Fact]
    public async Task AD_11_a_secret_is_shown_once_and_two_can_live()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var made = await admin.PressAsync("/admin/clients/new?kind=Service", "#save", ("Form.Name", "Nightly"), ("Form.ClientId", "nightly"), ("Form.Scopes", "orders.read"));
        const string address = "/admin/clients/edit?id=nightly";
        var first = (await TestBrowser.ReadAsync(await admin.ThenAsync(made))).Text("#secret");
        Assert.Null((await admin.PageAsync(address)).QuerySelector("#secret"));

        var old = await admin.GetAsync(address);
        var second = (await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(old, "#new-secret")))).Text("#secret");
        Assert.NotEqual(first, second);
        foreach (var secret in new[] { first, second })
        {
            var worker = new OidcFlow(server, new OidcApp("nightly", secret, ""));
            Assert.Equal(HttpStatusCode.OK, (await worker.TokenAsync([("grant_type", "client_credentials")])).Status);
        }

        // The same button of the same page again: a third secret would be one that nobody saw.
        var twice = await admin.PressAsync(old, "#new-secret");
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        var page = await TestBrowser.ReadAsync(twice);
        Assert.Contains("changed after you opened this page", page.Text("#secrets .problem"), StringComparison.Ordinal);
        var everything = page.DocumentElement.OuterHtml + (await admin.PageAsync("/admin/clients")).DocumentElement.OuterHtml + string.Join('\n', server.Logs);
        Assert.DoesNotContain(first, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(second, everything, StringComparison.Ordinal);

        await admin.ThenAsync(await admin.PressAsync(address, "button[name=secretId]"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await new OidcFlow(server, new OidcApp("nightly", first, "")).TokenAsync([("grant_type", "client_credentials")])).Status);
    }

    [Fact]
    public async Task AD_13_a_stale_edit_says_so_and_loses_nothing_that_was_typed()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        foreach (var (address, field, typed, stored) in new[]
        {
            ("/admin/clients/edit?id=notes", "Form_Name", "Notes mine", "Notes theirs"),
            ("/admin/apis/edit?id=https://orders.anthane.test", "Form_Name", "Orders mine", "Orders theirs"),
        })
        {
            var opened = await admin.GetAsync(address);
            await admin.ThenAsync(await admin.PressAsync(opened, "#save", ("Form.Name", stored)));
            var stale = await admin.PressAsync(opened, "#save", ("Form.Name", typed));
            var page = await TestBrowser.ReadAsync(stale);
            Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
            Assert.Contains("Somebody else changed this", page.Text("#stale"), StringComparison.Ordinal);
            Assert.Equal(typed, page.QuerySelector("#" + field)!.GetAttribute("value"));
            Assert.Equal("Stored now: " + stored, page.Text($"#{field}-stored"));
            Assert.Single(page.QuerySelectorAll(".stored"));

            await admin.ThenAsync(await admin.PressAsync(stale, "#save"));
            Assert.Equal(typed, (await admin.PageAsync(address)).Text("h1"));
        }
    }

    [Fact]
    public async Task AD_13_nobody_disables_deletes_or_demotes_themselves_or_the_last_admin()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var self = (await admin.PageAsync("/admin/people?q=admin%40anthane.test")).QuerySelector("a.row-link")!.GetAttribute("href")!;
        foreach (var button in new[] { "#toggle", "#admin" })
        {
            var refused = await admin.PressAsync(self, button);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.NotEmpty((await TestBrowser.ReadAsync(refused)).Text("#refused"));
        }

        var deleted = await admin.PressAsync(self.Replace("/edit", "/delete", StringComparison.Ordinal), "#confirm", ("typed", "admin@anthane.test"));
        Assert.Equal(HttpStatusCode.Conflict, deleted.StatusCode);
        Assert.NotEmpty((await TestBrowser.ReadAsync(deleted)).Text("#typed-problem"));
    }

    [Fact]
    public async Task AZ_08_problems_stand_beside_their_field_and_every_typed_word_stays()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        foreach (var uri in new[] { "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc", "vbscript:x", "https://app.example/*", "http://app.example/cb", "https://app.example/cb#f" })
        {
            var answer = await admin.PressAsync("/admin/clients/new?kind=Web", "#save", ("Form.Name", "Bad"), ("Form.RedirectUris", uri), ("Form.HomeUri", "nowhere"), ("Form.AccessTokenSeconds", "5"), ("Form.CodeSeconds", "60"));
            var page = await TestBrowser.ReadAsync(answer);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.NotEmpty(page.Text("#Form_RedirectUris-problem"));
            Assert.NotEmpty(page.Text("#Form_HomeUri-problem"));
            Assert.NotEmpty(page.Text("#Form_AccessTokenSeconds-problem"));
            Assert.Equal(uri, page.Text("#Form_RedirectUris"));
            Assert.All(page.QuerySelectorAll("[role=alert] a"), link => Assert.NotNull(page.QuerySelector(link.GetAttribute("href")!)));
        }

        var words = await TestBrowser.ReadAsync(await admin.PressAsync("/admin/clients/edit?id=notes", "#save", ("Form.AccessTokenSeconds", "soon")));
        Assert.Equal("Give a whole number, or leave it empty.", words.Text("#Form_AccessTokenSeconds-problem"));
        Assert.Equal("soon", words.QuerySelector("#Form_AccessTokenSeconds")!.GetAttribute("value"));
    }

    [Fact]
    public async Task An_API_is_registered_and_its_gateway_lines_are_ready_to_paste()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var made = await admin.PressAsync(
            "/admin/apis/new",
            "#save",
            ("Form.Name", "Stock room"),
            ("Form.Audience", "https://stock.anthane.test"),
            ("Form.Scopes[0].Name", "stock.read"),
            ("Form.Scopes[0].Meaning", "See the stock"),
            ("Form.Scopes[2].Name", "stock.write"));
        var page = await TestBrowser.ReadAsync(await admin.ThenAsync(made));
        var route = JsonDocument.Parse(page.Text("#route")).RootElement;
        Assert.Equal("sso", route.GetProperty("AuthenticationOptions").GetProperty("AuthenticationProviderKeys")[0].GetString());
        Assert.Equal(["stock.read", "stock.write"], route.GetProperty("AuthenticationOptions").GetProperty("AllowedScopes").EnumerateArray().Select(scope => scope.GetString()!));
        Assert.Equal("https://stock.anthane.test", route.GetProperty("Audiences")[0].GetString());
        Assert.Equal("/stock-room/{everything}", route.GetProperty("UpstreamPathTemplate").GetString());
        Assert.Contains(server.Issuer, page.Text("#gateway"), StringComparison.Ordinal);

        var choices = await admin.PageAsync("/admin/clients/edit?id=orders-worker");
        Assert.NotNull(choices.QuerySelector("[name='Form.Scopes'][value='stock.write']"));
    }

    [Fact]
    public async Task Things_are_deleted_by_typing_their_name()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var bob = (await admin.PageAsync("/admin/people?q=bob")).QuerySelector("a.row-link")!.GetAttribute("href")!;
        foreach (var (address, name) in new[] { ("/admin/clients/delete?id=photos", "Photos"), ("/admin/apis/delete?id=https://orders.anthane.test", "Orders"), (bob.Replace("/edit", "/delete", StringComparison.Ordinal), "bob@anthane.test") })
        {
            var refused = await admin.PressAsync(address, "#confirm", ("typed", "something else"));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("Nothing was deleted", (await TestBrowser.ReadAsync(refused)).Text("#typed-problem"), StringComparison.Ordinal);
            await admin.ThenAsync(await admin.PressAsync(address, "#confirm", ("typed", name)));
            Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(address)).StatusCode);
        }
    }

    [Fact]
    public async Task A_person_is_added_gets_a_link_and_can_be_disabled()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var made = await admin.PressAsync("/admin/people/new", "#save", ("Form.Email", "dora@anthane.test"), ("Form.Name", "Dora"));
        var address = made.Headers.Location!.ToString();
        var page = await TestBrowser.ReadAsync(await admin.ThenAsync(made));
        Assert.Equal("Dora", page.Text("h1"));
        Assert.NotNull(page.QuerySelector("#verify"));

        using var dora = server.NewBrowser();
        var link = await AccountPageTests.MailedLinkAsync(dora, "dora@anthane.test");
        await dora.ThenAsync(await dora.PressAsync(link, "#save", ("Password", "four-tidy-harbours")));
        using var signedIn = await server.SignedInAsync(new Person("dora@anthane.test", "four-tidy-harbours"));

        await admin.ThenAsync(await admin.PressAsync(address, "#admin"));
        Assert.Equal(HttpStatusCode.OK, (await signedIn.GetAsync("/admin/people")).StatusCode);
        await admin.ThenAsync(await admin.PressAsync(address, "#toggle"));
        Assert.Equal(HttpStatusCode.Redirect, (await signedIn.GetAsync("/")).StatusCode);
        Assert.Contains("disabled it", (await admin.PageAsync(address)).Text("#history"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_client_gets_nothing_until_it_is_enabled()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        const string address = "/admin/clients/edit?id=notes";
        await admin.ThenAsync(await admin.PressAsync(address, "#toggle"));
        var flow = new OidcFlow(server, OidcApp.Notes);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync()).StatusCode);
        Assert.DoesNotContain("Notes", (await admin.PageAsync("/")).Text("main"), StringComparison.Ordinal);
        await admin.ThenAsync(await admin.PressAsync(address, "#toggle"));
        Assert.NotEmpty((await flow.AnswerAsync()).Code);
    }

    [Fact]
    public async Task Lists_are_searched_and_paged_in_the_address_whatever_it_says()
    {
        await using var server = await SsoServer.StartAsync();
        for (var i = 0; i < 30; i++)
        {
            await OidcApp.RegisterAsync(server, client => client.Name = $"Filler {i:D2}");
        }

        using var admin = await server.SignedInAsync(Person.Admin);
        var first = await admin.PageAsync("/admin/clients?q=filler&kind=Web");
        Assert.Equal("1–25 of 30", first.Text(".pages span"));
        var second = await admin.PageAsync(first.QuerySelector("[rel=next]")!.GetAttribute("href")!);
        Assert.Equal("26–30 of 30", second.Text(".pages span"));
        Assert.Equal("filler", second.QuerySelector("#q")!.GetAttribute("value"));
        foreach (var query in new[] { "?p=1e9", "?p=-1", "?p=99999999999", "?p=2147483647", "?q=%27%20OR%201%3D1", "?kind=Nothing", "?q=" + new string('x', 3000) })
        {
            foreach (var list in new[] { "clients", "apis", "people" })
            {
                Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"/admin/{list}{query}")).StatusCode);
            }
        }
    }

    [Fact]
    public async Task AD_07_hostile_words_in_every_field_come_back_as_text()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        foreach (var (word, number) in HostileWords.All.Select((word, number) => (word, number)))
        {
            var client = await admin.PressAsync("/admin/clients/new?kind=Web", "#save", ("Form.Name", word), ("Form.ClientId", $"hostile-{number}"), ("Form.RedirectUris", "https://app.example/cb"), ("Form.HomeUri", ""));
            var all = await admin.PressAsync("/admin/clients/new?kind=Web", "#save", ("Form.Name", word), ("Form.ClientId", word), ("Form.RedirectUris", word), ("Form.PostLogoutRedirectUris", word), ("Form.HomeUri", word), ("Form.LogoUri", word), ("Form.PolicyUri", word), ("Form.TermsUri", word), ("Form.DefaultScopes", word), ("Form.Scopes", word), ("Form.Rules", word), ("Form.AccessTokenSeconds", word));
            var api = await admin.PressAsync("/admin/apis/new", "#save", ("Form.Name", word), ("Form.Audience", $"https://hostile-{number}.test"), ("Form.Scopes[0].Name", $"hostile{number}.read"), ("Form.Scopes[0].Meaning", word));
            var person = await admin.PressAsync("/admin/people/new", "#save", ("Form.Email", $"hostile-{number}@anthane.test"), ("Form.Name", word));
            var search = await admin.GetAsync("/admin/people?q=" + Uri.EscapeDataString(word));
            foreach (var answer in new[] { client, all, api, person, search })
            {
                // Nothing has a name with a NUL in it, so an address with one leads nowhere.
                var nowhere = answer == search && word.Contains('\0', StringComparison.Ordinal);
                Assert.True((int)answer.StatusCode is 200 or 303 or 400 || (nowhere && answer.StatusCode == HttpStatusCode.NotFound), $"{word} was answered with {answer.StatusCode}");
                var page = await TestBrowser.ReadAsync(answer.StatusCode == HttpStatusCode.SeeOther ? await admin.ThenAsync(answer) : answer);
                Assert.Empty(page.QuerySelectorAll("script:not([src^='/sso.js']), img, iframe, svg[onload], [onerror], [onclick], [onload], [style]"));
                if (answer.StatusCode == HttpStatusCode.SeeOther && Words(word).Length > 0)
                {
                    Assert.Equal(Words(word), Words(page.Text("h1")));
                }
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/admin/clients")).StatusCode);
        Assert.NotEmpty(await server.Get<ClientAdmin>().ListAsync());
    }

    /// <summary>A page may break and trim lines, so only what stands between blanks is compared.</summary>
    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
