using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>What the parameters of a request may be, once it is known where to answer.</summary>
[Collection<AuthorizeCollection>]
public sealed class ParameterTests(AuthorizeRun run)
{
    [Fact]
    public async Task AZ_12_a_parameter_sent_twice_is_refused_and_a_repeated_address_is_never_used()
    {
        foreach (var name in new[] { "redirect_uri", "client_id" })
        {
            var flow = run.Flow();
            await AuthorizeRun.ExpectPageAsync(await flow.Browser.GetAsync(flow.AuthorizeUrl() + $"&{name}=https%3A%2F%2Fevil.test&state=x"), name);
        }

        foreach (var name in new[] { "state", "scope", "nonce", "code_challenge", "prompt", "unknown" })
        {
            var flow = run.Flow();
            run.ExpectRedirect(flow, await flow.Browser.GetAsync(flow.AuthorizeUrl((name == "state" ? "x" : name, "login")) + $"&{name}=again"), "invalid_request");
        }

        var both = run.Flow();
        await AuthorizeRun.ExpectPageAsync(await both.Browser.PostAsync("/connect/authorize?client_id=az-browser", both.Parameters()));
        run.ExpectRedirect(both, await both.Browser.PostAsync("/connect/authorize?scope=openid", both.Parameters()), "invalid_request");
    }

    [Fact]
    public async Task AZ_12_resource_alone_may_repeat()
    {
        var app = await OidcApp.RegisterAsync(run.Server, client => (client.Scopes, client.FirstParty) = (["openid", "orders.read"], true));
        var flow = new OidcFlow(run.Server, app);
        var answer = await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.GetAsync(
            flow.AuthorizeUrl(("scope", "openid orders.read")) + "&resource=https%3A%2F%2Forders.anthane.test&resource=https%3A%2F%2Forders.anthane.test")));
        Assert.Equal("https://orders.anthane.test", JsonAnswer.PayloadOf((await flow.RedeemAsync(answer.Code)).AccessToken).GetProperty("aud").GetString());
    }

    [Fact]
    public async Task AZ_13_thousands_of_scopes_are_refused_without_work()
    {
        var flow = run.Flow();
        var scopes = string.Join(' ', Enumerable.Range(0, 5000).Select(i => "scope" + i.ToString(CultureInfo.InvariantCulture)));
        await flow.Browser.PostAsync("/connect/authorize", flow.Parameters(("scope", "openid nonsense")));
        // The quickest of several: what a busy machine adds is not the server's work.
        var quickest = TimeSpan.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            var response = await flow.Browser.PostAsync("/connect/authorize", flow.Parameters(("scope", scopes)));
            quickest = watch.Elapsed < quickest ? watch.Elapsed : quickest;
            run.ExpectRedirect(flow, response, "invalid_scope");
        }

        Assert.InRange(quickest.TotalMilliseconds, 0, 100);
        var tooLarge = await flow.Browser.PostAsync("/connect/authorize", flow.Parameters(("scope", scopes + scopes)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
    }

    [Fact]
    public async Task AZ_14_long_state_and_nonce_work_and_a_line_break_in_state_stays_data()
    {
        var flow = run.Flow();
        var text = new string('s', 1000);
        var answer = await flow.AnswerAsync(("state", text), ("nonce", text));
        Assert.Equal(text, answer.State);
        Assert.Equal(text, JsonAnswer.PayloadOf((await flow.RedeemAsync(answer.Code)).IdToken).GetProperty("nonce").GetString());

        var response = await flow.AuthorizeAsync(("state", "a\r\nSet-Cookie:x=1"), ("prompt", "none"));
        Assert.Single(response.Headers.GetValues("Location"));
        Assert.Contains("state=a%0D%0ASet-Cookie%3Ax%3D1", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.DoesNotContain("x", flow.Browser.Cookies.Keys);
    }

    [Fact]
    public async Task AZ_14_a_request_line_of_9_KB_is_414() =>
        Assert.StartsWith("HTTP/1.1 414", await RawAsync($"GET /connect/authorize?state={new string('s', 9000)} HTTP/1.1"), StringComparison.Ordinal);

    [Theory]
    [InlineData("fragment")]
    [InlineData("web_message")]
    [InlineData("form_post.jwt")]
    [InlineData("query.jwt")]
    [InlineData("x")]
    public async Task AZ_15_other_response_modes_are_refused(string mode)
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("response_mode", mode)), "invalid_request");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("id_token token")]
    [InlineData("code id_token")]
    [InlineData("none")]
    [InlineData("CODE")]
    public async Task AZ_16_only_code_is_answered(string type)
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("response_type", type)), "unsupported_response_type");
    }

    [Fact]
    public async Task AZ_16_what_was_asked_for_cannot_be_changed_from_the_sign_in_page()
    {
        var flow = run.Flow();
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var url = page.RequestMessage!.RequestUri!.PathAndQuery + "&response_type=token&scope=openid%20email&redirect_uri=https%3A%2F%2Fevil.test";
        var answer = await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.SubmitAsync(url, "form:has(#login)", ("Username", flow.Person.UserName), ("Password", flow.Person.Password), ("response_type", "token"))));
        Assert.DoesNotContain(answer.Values.Keys, name => name.Contains("token", StringComparison.Ordinal));
        Assert.Equal("openid", (await flow.RedeemAsync(answer.Code)).Text("scope"));
    }

    [Fact]
    public async Task AZ_17_without_a_challenge_nothing_is_given_unless_a_confidential_client_has_the_rule()
    {
        foreach (var app in new[] { run.Browser, run.Web, run.Native })
        {
            var flow = new OidcFlow(run.Server, app);
            run.ExpectRedirect(flow, await flow.AuthorizeAsync(("code_challenge", null), ("code_challenge_method", null)), "invalid_request");
        }

        // A row that was written past the validator frees no public client either.
        await using var server = await SsoServer.StartAsync();
        await using (var db = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Directory.GetFiles(server.DataDirectory, "*.db").Single()}"))
        {
            await db.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = db.CreateCommand();
            command.CommandText = """UPDATE "Clients" SET "Rules" = (SELECT json_array('without_pkce')) WHERE "ClientId" = 'notes'""";
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        var notes = new OidcFlow(server, OidcApp.Notes);
        Assert.Contains("error=invalid_request", (await notes.AuthorizeAsync(("code_challenge", null), ("code_challenge_method", null))).Headers.Location!.Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("s256")]
    [InlineData(null)]
    public async Task AZ_18_only_S256_is_accepted_and_it_must_be_named(string? method)
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("code_challenge_method", method)), "invalid_request");
        var lenient = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server));
        run.ExpectRedirect(lenient, await lenient.AuthorizeAsync(("code_challenge", OidcFlow.ChallengeOf(OidcFlow.Verifier)), ("code_challenge_method", method)), "invalid_request");
    }

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+/")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task AZ_19_a_challenge_that_no_hash_can_give_is_refused(string challenge)
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("code_challenge", challenge)), "invalid_request");
    }

    [Fact]
    public async Task AZ_28_every_answer_names_the_issuer_as_discovery_does()
    {
        var flow = run.Flow();
        var metadata = (await JsonAnswer.ReadAsync(await flow.Browser.GetAsync("/.well-known/openid-configuration"))).Body;
        Assert.True(metadata.GetProperty("authorization_response_iss_parameter_supported").GetBoolean());
        var issuer = metadata.GetProperty("issuer").GetString();
        Assert.Equal(issuer, (await flow.AnswerAsync()).Issuer);
        Assert.Equal(issuer, (await flow.AnswerAsync(("response_mode", "form_post"))).Issuer);
        Assert.Equal(issuer, (await flow.AnswerAsync(("scope", "nonsense"))).Issuer);
        Assert.Equal(issuer, (await flow.AnswerAsync(("scope", "nonsense"), ("response_mode", "form_post"))).Issuer);
        var denied = await new OidcFlow(run.Server, run.Web) { Allows = false }.AnswerAsync();
        Assert.Equal(("access_denied", issuer), (denied.Error, denied.Issuer));
    }

    [Fact]
    public async Task AZ_29_state_comes_back_as_it_was_or_not_at_all_and_nonce_only_in_the_ID_token()
    {
        const string strange = "+ %2B & = ünïcödé 🔑 \"<'";
        var flow = run.Flow();
        foreach (var mode in new[] { "query", "form_post" })
        {
            var answer = await flow.AnswerAsync(("state", strange), ("nonce", strange), ("response_mode", mode));
            Assert.Equal(strange, answer.State);
            Assert.DoesNotContain("nonce", answer.Values.Keys);
            var tokens = await flow.RedeemAsync(answer.Code);
            Assert.Equal(strange, JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("nonce").GetString());
            Assert.False(JsonAnswer.PayloadOf(tokens.AccessToken).TryGetProperty("nonce", out _));
            Assert.False((await flow.AnswerAsync(("state", null), ("response_mode", mode))).Values.ContainsKey("state"));
        }
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("9223372036854775808")]
    [InlineData("1.5")]
    [InlineData(" 1")]
    [InlineData("٣")]
    public async Task AZ_32_max_age_is_a_whole_number(string maxAge)
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("max_age", maxAge)), "invalid_request");
    }

    [Fact]
    public async Task AZ_34_hints_and_languages_are_only_text()
    {
        var flow = run.Flow();
        const string hint = "\"><svg onload=alert(1)>";
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("login_hint", hint), ("ui_locales", hint)));
        Assert.DoesNotContain("<svg onload", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(hint, (await TestBrowser.ReadAsync(page)).QuerySelector("#Username")!.GetAttribute("value"));
    }

    [Fact]
    public async Task AZ_34_thousands_of_languages_that_do_not_exist_leave_nothing_in_memory()
    {
        // A small and constant young generation, so that growth means what is kept.
        await using var sso = await SsoProcess.StartAsync(new() { ["DOTNET_gcServer"] = "0", ["DOTNET_GCgen0size"] = "0x400000", ["DOTNET_TieredCompilation"] = "0" }, "--Logging:LogLevel:Default=Warning");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = sso.Address };
        var flow = new OidcFlow(run.Server, OidcApp.Notes);
        async Task AskAsync(int from, int count) => await Parallel.ForAsync(from, from + count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, cancellation) =>
        {
            using var answer = await http.GetAsync(flow.AuthorizeUrl(("prompt", "none"), ("ui_locales", $"x-{i:x8}-of-a-length-that-adds-up-when-it-is-kept en")), cancellation);
            Assert.Contains("error=login_required", answer.Headers.Location!.Query, StringComparison.Ordinal);
        });

        await AskAsync(0, 1_000);
        var before = sso.PrivateMemory;
        await AskAsync(1_000, Rounds.Of(100_000));
        Assert.InRange(sso.PrivateMemory - before, long.MinValue, 10_000_000);
    }

    [Fact]
    public async Task AZ_47_request_objects_are_refused_and_nothing_is_fetched()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var flow = run.Flow();
        var unsigned = Base64UrlEncoder.Encode("""{"alg":"none"}""") + "." + Base64UrlEncoder.Encode("""{"scope":"openid email"}""") + ".";
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("request", unsigned)), "request_not_supported");
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("request_uri", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/r")), "request_uri_not_supported");
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("request_uri", "http://127.0.0.1:9/x"), ("request", unsigned)), "request_not_supported");
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_parameter_that_was_posted_twice_is_told_to_the_app_as_one_in_the_address_is()
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.Browser.PostAsync("/connect/authorize", [.. flow.Parameters(), ("scope", "openid")]), "invalid_request");
        run.ExpectRedirect(flow, await flow.Browser.PostAsync("/connect/authorize?scope=openid", flow.Parameters()), "invalid_request");
        await AuthorizeRun.ExpectPageAsync(await flow.Browser.PostAsync("/connect/authorize", [.. flow.Parameters(), ("redirect_uri", flow.App.RedirectUri)]));
    }

    [Fact]
    public async Task Metadata_of_a_client_are_not_taken_from_the_browser()
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("registration", "{}")), "registration_not_supported");
    }

    [Theory]
    [InlineData("openid  email")]
    [InlineData(" openid")]
    [InlineData("openid ")]
    [InlineData(" ")]
    public async Task Scopes_have_one_blank_between_them_and_none_elsewhere(string scope)
    {
        var flow = run.Flow();
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("scope", scope)), "invalid_scope");
    }

    [Fact]
    public async Task An_empty_resource_counts_as_left_out()
    {
        var flow = run.Flow();
        Assert.Null((await flow.AnswerAsync(("resource", ""))).Error);
        Assert.Equal(HttpStatusCode.OK, (await flow.RedeemAsync((await flow.AnswerAsync()).Code, ("resource", ""))).Status);
    }

    [Fact]
    public async Task AZ_51_looking_ahead_gives_no_code_and_other_methods_are_405()
    {
        var flow = run.Flow();
        await flow.AnswerAsync();
        var codes = await CodesAsync();
        var path = flow.AuthorizeUrl();
        var cookies = "Cookie: " + string.Join("; ", flow.Browser.Cookies.Select(cookie => cookie.Key + "=" + cookie.Value));
        Assert.StartsWith("HTTP/1.1 405", await RawAsync($"HEAD {path} HTTP/1.1", cookies), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 405", await RawAsync($"PUT {path} HTTP/1.1", cookies, "Content-Length: 0"), StringComparison.Ordinal);
        foreach (var purpose in new[] { "Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Purpose: prefetch" })
        {
            Assert.StartsWith("HTTP/1.1 403", await RawAsync($"GET {path} HTTP/1.1", cookies, purpose), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 403", await RawAsync("GET /connect/authorize/continue?request=x HTTP/1.1", cookies, purpose), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 403", await RawAsync("GET /connect/endsession HTTP/1.1", cookies, purpose), StringComparison.Ordinal);
        }

        Assert.Equal(codes, await CodesAsync());
        Assert.StartsWith("HTTP/1.1 303", await RawAsync($"GET {path} HTTP/1.1", cookies), StringComparison.Ordinal);
        Assert.Equal(codes + 1, await CodesAsync());
    }

    private async Task<long> CodesAsync()
    {
        await using var db = run.Server.Get<Oidc.Data.OidcDbFactory>().Open();
        return db.Set<Oidc.Grants.AuthorizationCode>().LongCount();
    }

    /// <summary>The head of the answer to a request that is sent as it is.</summary>
    private async Task<string> RawAsync(params string[] lines)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(run.Server.Address.Host, run.Server.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        var request = string.Join("\r\n", [lines[0], $"Host: {run.Server.Address.Authority}", "Connection: close", .. lines[1..]]) + "\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
