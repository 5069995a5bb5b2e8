using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>A code works once, for a minute, for its client, at its address, with its verifier.</summary>
[Collection<AuthorizeCollection>]
public sealed class CodeTests(AuthorizeRun run)
{
    [Fact]
    public async Task AZ_19_a_verifier_of_42_characters_is_refused()
    {
        var flow = run.Flow();
        var verifier = new string('v', 42);
        var answer = await flow.AnswerAsync(("code_challenge", OidcFlow.ChallengeOf(verifier)));
        ExpectDead(await flow.RedeemAsync(answer.Code, ("code_verifier", verifier)));
    }

    [Fact]
    public async Task AZ_20_a_verifier_without_a_challenge_is_a_downgrade()
    {
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server));
        var answer = await flow.AnswerAsync();
        ExpectDead(await flow.RedeemAsync(answer.Code, ("code_verifier", OidcFlow.Verifier)));
    }

    [Fact]
    public async Task AZ_21_a_wrong_or_missing_verifier_burns_the_code()
    {
        foreach (var wrong in new[] { new string('w', 50), null })
        {
            var flow = run.Flow();
            var answer = await flow.AnswerAsync();
            ExpectDead(await flow.RedeemAsync(answer.Code, ("code_verifier", wrong)));
            ExpectDead(await flow.RedeemAsync(answer.Code));
        }
    }

    [Fact]
    public async Task AZ_22_a_code_used_twice_ends_what_the_first_use_got()
    {
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server));
        var answer = await flow.AnswerAsync();
        var tokens = await flow.RedeemAsync(answer.Code);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        ExpectDead(await flow.RedeemAsync(answer.Code));
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        Assert.Equal("""{"active":false}""", (await flow.PostAsync("/connect/introspect", [("token", tokens.AccessToken)])).Body.ToString());
        ExpectDead(await flow.RefreshAsync(tokens.RefreshToken));
    }

    [Fact]
    public async Task AZ_22_a_stolen_code_that_is_tried_again_without_its_verifier_ends_nothing()
    {
        var flow = run.Flow();
        var answer = await flow.AnswerAsync();
        var tokens = await flow.RedeemAsync(answer.Code);
        ExpectDead(await flow.RedeemAsync(answer.Code, ("code_verifier", new string('w', 50))));
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
    }

    [Fact]
    public async Task AZ_24_a_code_lives_for_60_seconds()
    {
        var flow = run.Flow();
        var (inTime, late) = (await flow.AnswerAsync(), await flow.AnswerAsync());
        run.Server.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(HttpStatusCode.OK, (await flow.RedeemAsync(inTime.Code)).Status);
        run.Server.Clock.Advance(TimeSpan.FromSeconds(2));
        ExpectDead(await flow.RedeemAsync(late.Code));
    }

    [Fact]
    public async Task AZ_25_a_code_is_of_use_to_its_own_client_alone_and_nothing_else_passes_for_one()
    {
        var flow = run.Flow();
        var other = new OidcFlow(run.Server, run.Native);
        var answer = await flow.AnswerAsync();
        ExpectDead(await other.RedeemAsync(answer.Code, ("redirect_uri", run.Browser.RedirectUri)));

        var second = await flow.AnswerAsync();
        ExpectDead(await flow.RedeemAsync(answer.Code[..20] + second.Code[20..]));
        ExpectDead(await flow.RedeemAsync(second.Code + "A"));
        ExpectDead(await flow.RedeemAsync(second.Code[..^1]));

        // The foreign client's attempt has not spent it.
        var tokens = await flow.RedeemAsync(answer.Code);
        ExpectDead(await flow.RedeemAsync(tokens.RefreshToken));
        ExpectDead(await flow.RedeemAsync(tokens.AccessToken));
        var page = await run.Flow().Browser.FollowAsync(await run.Flow().AuthorizeAsync());
        ExpectDead(await flow.RedeemAsync(System.Web.HttpUtility.ParseQueryString(page.RequestMessage!.RequestUri!.Query)["request"]!));
        ExpectDead(await flow.RedeemAsync(flow.Browser.Cookies.First(cookie => cookie.Key.EndsWith("session", StringComparison.Ordinal)).Value));
        ExpectDead(await flow.RefreshAsync(second.Code));
    }

    [Fact]
    public async Task AZ_26_the_redirect_uri_must_be_the_one_of_the_request()
    {
        foreach (var wrong in new[] { null, "https://app.example/cb/", "https://evil.test/cb", "HTTPS://app.example/cb" })
        {
            var flow = run.Flow();
            var answer = await flow.AnswerAsync();
            ExpectDead(await flow.RedeemAsync(answer.Code, ("redirect_uri", wrong)));
        }

        var native = new OidcFlow(run.Server, run.Native with { RedirectUri = "http://127.0.0.1:51004/cb" });
        var loopback = await native.AnswerAsync();
        ExpectDead(await native.RedeemAsync(loopback.Code, ("redirect_uri", "http://127.0.0.1:51005/cb")));
    }

    [Fact]
    public async Task AZ_27_a_code_pasted_into_another_browser_fails_on_its_verifier_and_would_show_another_nonce()
    {
        var (victim, attacker) = (run.Flow(), new OidcFlow(run.Server, run.Browser) { Person = Person.Bob });
        var stolen = await victim.AnswerAsync(("code_challenge", OidcFlow.ChallengeOf(new string('a', 43))), ("nonce", "of-the-victim"));
        var own = await attacker.AnswerAsync(("nonce", "of-the-attacker"));
        ExpectDead(await attacker.RedeemAsync(stolen.Code));
        Assert.Equal("of-the-attacker", JsonAnswer.PayloadOf((await attacker.RedeemAsync(own.Code)).IdToken).GetProperty("nonce").GetString());
    }

    private static void ExpectDead(JsonAnswer answer)
    {
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (answer.Status, answer.Error));
        Assert.Contains("no-store", answer.Response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }
}
