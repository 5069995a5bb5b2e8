using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>Where an answer may go: only to what was registered, byte by byte.</summary>
[Collection<AuthorizeCollection>]
public sealed class RedirectUriTests(AuthorizeRun run)
{
    [Fact]
    public Task AZ_01_other_paths_queries_and_fragments_are_shown_not_redirected() => ExpectPagesAsync(
        "https://app.example/cb/", "https://app.example/cb/../x", "https://app.example/cb%2f..%2fx", "https://app.example/cb/..;/x",
        "https://app.example/cb?x=1", "https://app.example/cb#f", "https://app.example/c%62", "https://app.example//cb", "https://app.example/./cb");

    [Fact]
    public Task AZ_02_a_user_name_before_the_host_is_no_host() => ExpectPagesAsync(
        "https://app.example@evil.test/cb", "https://a@b@evil.test/cb", "https://app.example:443@evil.test/cb", "https://evil.test@app.example/cb");

    [Fact]
    public async Task AZ_03_hosts_that_begin_or_look_like_the_registered_one_are_shown_and_wildcards_cannot_be_registered()
    {
        await ExpectPagesAsync("https://app.example.evil.test/cb", "https://appXexample/cb", "https://evil.test/https://app.example/cb", "https://app.examplE/cb");
        Assert.NotEmpty(await RegisteringAsync("https://app.example*"));
        Assert.NotEmpty(await RegisteringAsync("https://*.app.example/cb"));
    }

    [Fact]
    public Task AZ_04_case_and_default_port_are_bytes_like_all_others() =>
        ExpectPagesAsync("HTTPS://APP.EXAMPLE/cb", "https://APP.example/cb", "https://app.example/CB", "https://app.example:443/cb", "Https://app.example/cb");

    [Fact]
    public async Task AZ_05_international_spellings_of_a_host_match_nothing_and_only_a_labels_can_be_registered()
    {
        await ExpectPagesAsync("https://app\u3002example/cb", "https://a\u200dpp.example/cb", "https://\u0430pp.example/cb", "https://xn--pp-6kc.example/cb");
        Assert.NotEmpty(await RegisteringAsync("https://b\u00fccher.example/cb"));
        Assert.NotEmpty(await RegisteringAsync("https://app\u3002example/cb"));
        Assert.Empty(await RegisteringAsync("https://xn--bcher-kva.example/cb"));
    }

    [Fact]
    public async Task AZ_06_backslashes_and_control_characters_are_shown_and_never_logged()
    {
        await ExpectPagesAsync("https://app.example\\@evil.test/cb", "https://app.example/cb\t", "https://app.example/cb\r\nLOGFORGED: x", "https://app.example/cb\0", "\thttps://app.example/cb");
        Assert.DoesNotContain(run.Server.Logs, line => line.Contains("LOGFORGED", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1/cb", true)]
    [InlineData("http://127.0.0.1:1/cb", true)]
    [InlineData("http://127.0.0.1:51004/cb", true)]
    [InlineData("http://127.0.0.1:65535/cb", true)]
    [InlineData("http://127.0.0.1:65536/cb", false)]
    [InlineData("http://127.0.0.1:0/cb", false)]
    [InlineData("http://127.0.0.1:080/cb", false)]
    [InlineData("http://127.0.0.1:+80/cb", false)]
    [InlineData("http://127.0.0.1:/cb", false)]
    [InlineData("http://localhost:51004/cb", false)]
    [InlineData("http://127.1:51004/cb", false)]
    [InlineData("http://2130706433:51004/cb", false)]
    [InlineData("http://[::1]:51004/cb", false)]
    [InlineData("http://127.0.0.1:51004/other", false)]
    [InlineData("http://127.0.0.1:51004/cb?x=1", false)]
    [InlineData("http://127.0.0.1:51004/cb/", false)]
    [InlineData("http://127.0.0.1:51004@evil.test/cb", false)]
    [InlineData("http://127.0.0.1.evil.test:51004/cb", false)]
    [InlineData("https://127.0.0.1:51004/cb", false)]
    public async Task AZ_07_a_native_app_chooses_its_loopback_port_and_nothing_else(string requested, bool accepted)
    {
        var flow = new OidcFlow(run.Server, run.Native);
        var response = await flow.AuthorizeAsync(("redirect_uri", requested), ("prompt", "none"));
        if (accepted)
        {
            Assert.StartsWith(requested + "?error=login_required", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
        else
        {
            await AuthorizeRun.ExpectPageAsync(response, requested);
        }
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("JaVaScRiPt:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("vbscript:x")]
    [InlineData("myapp:/cb")]
    [InlineData("about:blank")]
    [InlineData("ftp://app.example/cb")]
    public async Task AZ_08_schemes_that_browsers_act_on_cannot_be_registered_by_any_kind_of_client(string uri)
    {
        Assert.NotEmpty(await RegisteringAsync(uri));
        Assert.NotEmpty(await RegisteringAsync(uri, ClientKind.Native));
        var seeded = await run.Server.Get<ClientAdmin>().SeedAsync(new Client { ClientId = "az-08", Name = "x", Kind = ClientKind.Web, RedirectUris = [uri] }, "a-secret-chosen-by-a-person");
        Assert.NotEmpty(seeded);
    }

    [Fact]
    public async Task AZ_09_a_request_without_redirect_uri_is_shown_and_http_and_fragments_cannot_be_registered()
    {
        await AuthorizeRun.ExpectPageAsync(await run.Flow().AuthorizeAsync(("redirect_uri", null)));
        await AuthorizeRun.ExpectPageAsync(await run.Flow().AuthorizeAsync(("redirect_uri", "")));
        Assert.NotEmpty(await RegisteringAsync("http://app.example/cb"));
        Assert.NotEmpty(await RegisteringAsync("https://app.example/cb#f"));
        Assert.NotEmpty(await RegisteringAsync("https://app.example/cb#"));
        Assert.NotEmpty(await RegisteringAsync("/cb"));
    }

    [Fact]
    public async Task AZ_10_no_error_leaves_before_client_and_address_are_proven()
    {
        foreach (var (name, value) in new[] { ("response_type", "bogus"), ("scope", "nonsense"), ("prompt", "none login"), ("request", "x"), ("response_mode", "x"), ("max_age", "-1") })
        {
            await AuthorizeRun.ExpectPageAsync(await run.Flow().AuthorizeAsync((name, value), ("redirect_uri", "https://evil.test")), name);
        }
    }

    [Fact]
    public async Task AZ_11_unknown_disabled_and_malformed_clients_get_the_same_page()
    {
        var disabled = await OidcApp.RegisterAsync(run.Server);
        await run.Server.Get<ClientAdmin>().SetEnabledAsync(disabled.ClientId, false, "test");
        var pages = new List<string>();
        foreach (var id in new[] { "unknown", disabled.ClientId, new string('a', 5000), "az-browser\0", "orders-worker", "AZ-BROWSER" })
        {
            var response = await run.Flow().AuthorizeAsync(("client_id", id));
            await AuthorizeRun.ExpectPageAsync(response, id);
            var page = await TestBrowser.ReadAsync(response);
            page.QuerySelector("#support")!.Remove();
            pages.Add(page.QuerySelector("main")!.TextContent);
        }

        await AuthorizeRun.ExpectPageAsync(await run.Flow().AuthorizeAsync(("client_id", null)));
        Assert.Single(pages.Distinct());
    }

    private async Task ExpectPagesAsync(params string[] redirectUris)
    {
        foreach (var uri in redirectUris)
        {
            await AuthorizeRun.ExpectPageAsync(await run.Flow().AuthorizeAsync(("redirect_uri", uri)), uri);
            var flow = run.Flow();
            await AuthorizeRun.ExpectPageAsync(await flow.Browser.PostAsync("/connect/authorize", flow.Parameters(("redirect_uri", uri))), uri);
        }
    }

    private async Task<IReadOnlyList<object>> RegisteringAsync(string uri, ClientKind kind = ClientKind.Web) =>
        (await run.Server.Get<ClientAdmin>().CreateAsync(new Client { ClientId = "", Name = "x", Kind = kind, RedirectUris = [uri] }, "test")).Problems;
}
