using System.Net;
using System.Web;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Demo;

/// <summary>Reports: an app on a server, signed in by form_post and told of every sign-out.</summary>
public sealed class ReportsTests(ReportsRun run) : IClassFixture<ReportsRun>
{
    private const string Told = "told of a sign-out, ended 1 session(s) here";

    [Fact]
    public async Task Signing_in_comes_back_by_a_form_and_the_orders_are_read_through_the_gateway()
    {
        using var alice = run.Visitor();
        var (asked, posting) = await alice.ToTheAnswerAsync();
        var query = HttpUtility.ParseQueryString(asked.Query);
        Assert.Equal(("code", "form_post", "S256", "reports"), (query["response_type"], query["response_mode"], query["code_challenge_method"], query["client_id"]));

        var posted = await ReportsVisitor.PostAnswerAsync(posting);
        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        Assert.DoesNotContain("code=", posted.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var signedIn = await alice.Browser.GetAsync(run.At.Reports + posted.Headers.Location);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), set => set.StartsWith("reports-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);

        var empty = await alice.HomeAsync();
        Assert.Equal(("0", "Alice Liddell", "alice@anthane.test"), (empty.Text("#order-count"), empty.Text("#who"), empty.Text("#email")));
        await run.PlaceOrderAsync(empty.Text("#subject"), "Pencil <HB>", 3);
        await run.PlaceOrderAsync(empty.Text("#subject"), "Pencil <HB>", 4);
        await run.PlaceOrderAsync(empty.Text("#subject"), "Ink", 1);
        var report = await alice.HomeAsync();
        Assert.Equal(("3", "8"), (report.Text("#order-count"), report.Text("#piece-count")));
        Assert.Equal(["7 × Pencil <HB> 2 orders", "1 × Ink 1 order"], report.QuerySelectorAll("#items li").Select(row => string.Join(' ', row.Children.Select(part => part.TextContent))));
        Assert.Empty(report.QuerySelectorAll("script"));
    }

    [Fact]
    public async Task Signing_out_at_the_SSO_ends_the_session_at_Reports_at_once()
    {
        using var bob = run.Visitor();
        bob.Person = Person.Bob;
        await bob.SignInAsync();
        using var elsewhere = run.Visitor();
        elsewhere.Person = Person.Bob;
        await elsewhere.SignInAsync();
        run.Log.Lines.Clear();

        await bob.Browser.PressAsync("/account/logout", "#logout");
        await Until.TrueAsync(() => run.Log.Text.Contains(Told, StringComparison.Ordinal), "the logout token at Reports");

        Assert.Contains("You are signed out here: you signed out in another app", (await bob.HomeAsync()).Text("#message"), StringComparison.Ordinal);
        Assert.Null((await bob.HomeAsync()).QuerySelector("#message"));
        Assert.True(await elsewhere.IsSignedInAsync());
    }

    [Fact]
    public async Task Signing_out_at_Reports_signs_out_at_the_SSO_and_comes_back()
    {
        using var alice = run.Visitor();
        await alice.SignInAsync();

        var foreign = new HttpRequestMessage(HttpMethod.Post, run.At.Reports + "/sign-out");
        foreign.Headers.Add("Sec-Fetch-Site", "same-site");
        Assert.Equal(HttpStatusCode.BadRequest, (await alice.Browser.SendAsync(foreign)).StatusCode);
        Assert.True(await alice.IsSignedInAsync());

        var toSso = await alice.Browser.PressAsync(run.At.Reports + "/", "#sign-out");
        var back = (await alice.Browser.FollowAsync(await alice.Browser.GetAsync(toSso.Headers.Location!.ToString()))).Headers.Location!;
        Assert.StartsWith(run.At.Reports + "/?state=", back.ToString(), StringComparison.Ordinal);
        Assert.Equal("You are signed out here and at the sign-in service.", (await alice.Browser.PageAsync(back.ToString())).Text("#message"));
        Assert.Equal(HttpStatusCode.Redirect, (await alice.Browser.GetAsync("/")).StatusCode);
        Assert.Null((await alice.Browser.PageAsync(back.ToString())).QuerySelector("#message"));
    }

    [Fact]
    public async Task A_token_that_ended_is_followed_by_another_until_the_session_behind_it_has_ended()
    {
        using var alice = run.Visitor();
        await alice.SignInAsync();
        var before = (await alice.HomeAsync()).Text("#token-ends");
        run.Clock.Advance(TimeSpan.FromMinutes(6));

        var after = await alice.HomeAsync();
        Assert.NotNull(after.QuerySelector("#app"));
        Assert.NotEqual(before, after.Text("#token-ends"));

        run.Clock.Advance(TimeSpan.FromHours(9));
        Assert.Contains("your sign-in was too long ago", (await alice.HomeAsync()).Text("#message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_signs_in_the_browser_that_asked_and_no_other_and_once()
    {
        using var mallory = run.Visitor();
        var posted = await ReportsVisitor.PostAnswerAsync((await mallory.ToTheAnswerAsync()).Posting);
        var finish = run.At.Reports + posted.Headers.Location;

        using var alice = run.Visitor();
        var refused = await alice.Browser.GetAsync(finish);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.False(await alice.IsSignedInAsync());

        Assert.Equal(HttpStatusCode.SeeOther, (await mallory.Browser.GetAsync(finish)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await mallory.Browser.GetAsync(finish)).StatusCode);
        Assert.True(await mallory.IsSignedInAsync());
    }

    [Fact]
    public async Task An_answer_of_another_issuer_or_without_a_question_is_refused()
    {
        using var alice = run.Visitor();
        var (asked, _) = await alice.ToTheAnswerAsync();
        var state = HttpUtility.ParseQueryString(asked.Query)["state"]!;

        var unasked = await alice.Browser.PostAsync(run.At.Reports + "/callback", ("state", "x" + state), ("code", "c"), ("iss", run.At.Sso));
        Assert.Equal(HttpStatusCode.BadRequest, unasked.StatusCode);
        var twice = await alice.Browser.PostAsync(run.At.Reports + "/callback", ("state", state), ("state", state), ("code", "c"), ("iss", run.At.Sso));
        Assert.Equal(HttpStatusCode.BadRequest, twice.StatusCode);

        var foreign = await alice.Browser.PostAsync(run.At.Reports + "/callback", ("state", state), ("code", "c"), ("iss", "https://other.example"));
        var page = await TestBrowser.ReadAsync(await alice.Browser.GetAsync(run.At.Reports + foreign.Headers.Location));
        Assert.Equal("The answer came from another sign-in service.", page.Text("#message"));
        Assert.False(await alice.IsSignedInAsync());
    }
}
