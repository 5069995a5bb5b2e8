using System.Net;
using System.Text;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>Who is signed in, since when, at which browser: what prompt, max_age and hints make of it.</summary>
[Collection<AuthorizeCollection>]
public sealed class SessionTests(AuthorizeRun run)
{
    [Fact]
    public async Task AZ_30_prompt_none_never_shows_a_page()
    {
        var flow = run.Flow();
        foreach (var hint in new[] { null, "alice@anthane.test", "nobody@anthane.test" })
        {
            var response = await flow.AuthorizeAsync(("prompt", "none"), ("login_hint", hint));
            run.ExpectRedirect(flow, response, "login_required");
            Assert.Empty(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var third = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server), flow.Browser);
        await flow.AnswerAsync();
        run.ExpectRedirect(third, await third.AuthorizeAsync(("prompt", "none")), "consent_required");
        foreach (var prompt in new[] { "none login", "login none", "none none consent", "unheard-of" })
        {
            run.ExpectRedirect(flow, await flow.AuthorizeAsync(("prompt", prompt)), "invalid_request");
        }
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("max_age", "0")]
    public async Task AZ_31_signing_in_again_cannot_be_got_around(string name, string value)
    {
        var flow = run.Flow();
        var before = AuthTime(await flow.TokensAsync());
        run.Server.Clock.Advance(TimeSpan.FromSeconds(5));
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync((name, value)));
        var url = page.RequestMessage!.RequestUri!;
        Assert.Equal("/account/login", url.AbsolutePath);

        // The page's address names the request and nothing that could be taken out of it.
        Assert.Matches(@"^\?request=[\w-]{43}$", url.Query);
        foreach (var detour in new[] { "/connect/authorize/continue" + url.Query, $"/connect/authorize/continue{url.Query}&{name}=", "/account/select" + url.Query, "/consent" + url.Query })
        {
            var answer = await flow.Browser.FollowAsync(await flow.Browser.GetAsync(detour));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Null(answer.Headers.Location);
        }

        await flow.Browser.SubmitAsync("/account/select" + url.Query, "form");
        await flow.Browser.SubmitAsync("/consent" + url.Query, "form:has(#accept)");
        Assert.Equal("/account/login", (await flow.Browser.FollowAsync(await flow.Browser.GetAsync("/connect/authorize/continue" + url.Query))).RequestMessage!.RequestUri!.AbsolutePath);

        var code = (await flow.ReadAsync(await flow.WalkAsync(await flow.SignInAsync(page)))).Code;
        Assert.Equal(before + 5, AuthTime(await flow.RedeemAsync(code)));
    }

    [Fact]
    public async Task AZ_33_a_hint_of_somebody_else_is_login_required_and_a_foreign_one_is_no_hint()
    {
        var (alice, bob) = (run.Flow(), new OidcFlow(run.Server, run.Browser) { Person = Person.Bob });
        var (ofAlice, ofBob) = (await alice.TokensAsync(), await bob.TokensAsync());
        run.ExpectRedirect(alice, await alice.AuthorizeAsync(("prompt", "none"), ("id_token_hint", ofBob.IdToken)), "login_required");
        Assert.Null((await alice.AnswerAsync(("prompt", "none"), ("id_token_hint", ofAlice.IdToken))).Error);

        var parts = ofAlice.IdToken.Split('.');
        var otherIssuer = Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(Base64UrlEncoder.Decode(parts[1]).Replace(run.Server.Issuer, "https://evil.test", StringComparison.Ordinal)));
        string[] refused =
        [
            $"{Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{parts[1]}.",
            $"{parts[0]}.{otherIssuer}.{parts[2]}",
            ofAlice.AccessToken,
            (await new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server)).TokensAsync()).IdToken,
            "x",
            "a.b.c",
        ];
        foreach (var hint in refused)
        {
            run.ExpectRedirect(alice, await alice.AuthorizeAsync(("prompt", "none"), ("id_token_hint", hint)), "invalid_request");
        }
    }

    [Fact]
    public async Task AZ_33_a_hint_of_somebody_else_asks_for_that_person_and_takes_no_other()
    {
        var bob = new OidcFlow(run.Server, run.Browser) { Person = Person.Bob };
        var ofBob = await bob.TokensAsync();
        var alice = run.Flow();
        await alice.AnswerAsync();
        alice.Seen.Clear();
        run.ExpectRedirect(alice, await alice.WalkAsync(("id_token_hint", ofBob.IdToken)), "login_required");
        Assert.Equal(["/account/login"], alice.Seen);
        alice.Person = Person.Bob;
        Assert.Null((await alice.AnswerAsync(("id_token_hint", ofBob.IdToken))).Error);
    }

    [Fact]
    public async Task Prompt_create_leads_to_the_page_where_accounts_are_made()
    {
        var flow = run.Flow();
        await flow.AnswerAsync();
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("prompt", "create")));
        Assert.Equal("/account/register", page.RequestMessage!.RequestUri!.AbsolutePath);
    }

    [Fact]
    public async Task AZ_39_a_session_planted_before_signing_in_is_dead_afterwards()
    {
        var attacker = new OidcFlow(run.Server, run.Browser) { Person = Person.Bob };
        await attacker.AnswerAsync();
        var planted = new Dictionary<string, string>(attacker.Browser.Cookies);
        var victim = run.Flow();
        foreach (var (name, value) in planted)
        {
            victim.Browser.Cookies[name] = value;
        }

        await victim.TokensAsync(("prompt", "login"));
        var session = Assert.Single(planted.Keys, name => name.EndsWith("session", StringComparison.Ordinal));
        Assert.NotEqual(planted[session], victim.Browser.Cookies[session]);
        run.ExpectRedirect(attacker, await attacker.AuthorizeAsync(("prompt", "none")), "login_required");

        // The same for a secret of one's own, when one proves again who one is.
        var before = victim.Browser.Cookies[session];
        await victim.TokensAsync(("prompt", "login"));
        Assert.NotEqual(before, victim.Browser.Cookies[session]);
        var old = run.Flow();
        old.Browser.Cookies[session] = before;
        run.ExpectRedirect(old, await old.AuthorizeAsync(("prompt", "none")), "login_required");
    }

    [Fact]
    public async Task AZ_39_a_made_up_session_is_no_session()
    {
        var flow = run.Flow();
        await flow.AnswerAsync();
        var name = Assert.Single(flow.Browser.Cookies.Keys, name => name.EndsWith("session", StringComparison.Ordinal));
        foreach (var value in new[] { new string('a', 43), "x", new string('a', 4000), "' OR 1=1" })
        {
            flow.Browser.Cookies[name] = value;
            run.ExpectRedirect(flow, await flow.AuthorizeAsync(("prompt", "none")), "login_required");
        }
    }

    [Fact]
    public async Task AZ_52_ten_tabs_finished_in_reverse_order_each_get_their_own_answer()
    {
        var browser = run.Server.NewBrowser();
        var tabs = new List<(OidcFlow Flow, HttpResponseMessage Page)>();
        for (var i = 0; i < 10; i++)
        {
            var flow = new OidcFlow(run.Server, i % 2 == 0 ? run.Browser : await OidcApp.RegisterAsync(run.Server), browser);
            tabs.Add((flow, await browser.FollowAsync(await flow.AuthorizeAsync(("state", $"tab-{i}")))));
        }

        tabs.Reverse();
        var answers = new List<AuthorizationAnswer>();
        foreach (var (flow, page) in tabs)
        {
            answers.Add(await flow.ReadAsync(await flow.WalkAsync(await browser.ClickAsync(page, "#login", ("Username", flow.Person.UserName), ("Password", flow.Person.Password)))));
        }

        Assert.Equal(Enumerable.Range(0, 10).Reverse().Select(i => $"tab-{i}"), answers.Select(answer => answer.State));
        foreach (var (answer, tab) in answers.Zip(tabs))
        {
            Assert.Equal(HttpStatusCode.OK, (await tab.Flow.RedeemAsync(answer.Code)).Status);
        }
    }

    [Fact]
    public async Task AZ_52_two_hundred_abandoned_starts_leave_no_heap_of_cookies()
    {
        var flow = run.Flow();
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(HttpStatusCode.SeeOther, (await flow.AuthorizeAsync()).StatusCode);
        }

        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.InRange(flow.Browser.Cookies.Sum(cookie => cookie.Key.Length + cookie.Value.Length), 1, 1024);
    }

    private static long AuthTime(JsonAnswer tokens) => JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("auth_time").GetInt64();
}
