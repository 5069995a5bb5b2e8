using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Demo;

/// <summary>
/// What Reports makes of logout tokens (Back-Channel Logout 1.0 section 2.6). The bad ones carry the SSO's own signature, so
/// that each is refused for the one thing that is wrong with it.
/// </summary>
public sealed class ReportsLogoutTests(ReportsRun run) : IClassFixture<ReportsRun>
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";
    private int made;

    private long Now => run.Clock.GetUtcNow().ToUnixTimeSeconds();

    [Theory]
    [InlineData("a nonce")]
    [InlineData("another issuer")]
    [InlineData("another audience")]
    [InlineData("two audiences")]
    [InlineData("an old iat")]
    [InlineData("an iat to come")]
    [InlineData("no iat")]
    [InlineData("an exp that is over")]
    [InlineData("no exp")]
    [InlineData("exp as text")]
    [InlineData("no jti")]
    [InlineData("no events")]
    [InlineData("another event")]
    [InlineData("an event that is no object")]
    [InlineData("neither sid nor sub")]
    [InlineData("a sid that is no text")]
    public async Task TK_37_A_logout_token_with_one_thing_wrong_is_refused_and_the_session_stays(string wrong)
    {
        using var alice = run.Visitor();
        var claims = await SignedInAsync(alice);
        Spoil(claims, wrong);

        await ExpectRefusedAsync(await run.SignAsync(claims.ToJsonString(), "logout+jwt"));
        Assert.True(await alice.IsSignedInAsync());
    }

    [Fact]
    public async Task TK_37_A_token_of_another_type_or_signature_is_refused_and_the_session_stays()
    {
        using var alice = run.Visitor();
        var claims = (await SignedInAsync(alice)).ToJsonString();
        var good = await run.SignAsync(claims, "logout+jwt");
        var parts = good.Split('.');

        await ExpectRefusedAsync(await run.SignAsync(claims, "JWT"));
        await ExpectRefusedAsync(await run.SignAsync(claims, "at+jwt"));
        await ExpectRefusedAsync(await run.SignAsync("""{"sid":"x",""" + claims[1..], "logout+jwt"));
        await ExpectRefusedAsync(Base64UrlEncoder.Encode("""{"alg":"none","typ":"logout+jwt"}""") + "." + parts[1] + ".");
        await ExpectRefusedAsync(parts[0] + "." + Base64UrlEncoder.Encode(claims.Replace("\"jti\":\"", "\"jti\":\"x", StringComparison.Ordinal)) + "." + parts[2]);
        await ExpectRefusedAsync(Base64UrlEncoder.Encode("""{"alg":"RS256","kid":"unknown","typ":"logout+jwt"}""") + "." + parts[1] + "." + parts[2]);
        await ExpectRefusedAsync("nonsense");
        Assert.True(await alice.IsSignedInAsync());
        Assert.DoesNotContain(parts[1], run.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TK_37_A_logout_token_counts_once()
    {
        using var alice = run.Visitor();
        var token = await run.SignAsync((await SignedInAsync(alice)).ToJsonString(), "logout+jwt");
        using var told = await PostAsync(("logout_token", token));
        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        Assert.True(told.Headers.CacheControl!.NoStore);
        Assert.False(await alice.IsSignedInAsync());

        await ExpectRefusedAsync(token);
        run.Clock.Advance(TimeSpan.FromMinutes(1));
        await ExpectRefusedAsync(token);
    }

    [Fact]
    public async Task A_sid_ends_that_session_and_a_sub_alone_every_session_of_the_person()
    {
        using var here = run.Visitor();
        using var there = run.Visitor();
        using var bob = run.Visitor();
        bob.Person = Person.Bob;
        var claims = await SignedInAsync(here);
        await SignedInAsync(there);
        await SignedInAsync(bob);

        claims.Remove("sub");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(("logout_token", await run.SignAsync(claims.ToJsonString(), "logout+jwt")))).StatusCode);
        Assert.Equal((false, true), (await here.IsSignedInAsync(), await there.IsSignedInAsync()));

        var all = await SignedInAsync(there);
        all.Remove("sid");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(("logout_token", await run.SignAsync(all.ToJsonString(), "logout+jwt")))).StatusCode);
        Assert.Equal((false, true), (await there.IsSignedInAsync(), await bob.IsSignedInAsync()));
    }

    [Fact]
    public async Task What_is_no_form_with_one_token_is_refused()
    {
        using var none = await PostAsync();
        using var two = await PostAsync(("logout_token", "a"), ("logout_token", "b"));
        using var client = new HttpClient();
        using var json = await client.PostAsync(run.At.Reports + "/backchannel-logout", new StringContent("{}", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.All([none, two, json], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
    }

    private void Spoil(JsonObject claims, string wrong) => _ = wrong switch
    {
        "a nonce" => claims["nonce"] = "n",
        "another issuer" => claims["iss"] = "https://other.example",
        "another audience" => claims["aud"] = "notes",
        "two audiences" => claims["aud"] = new JsonArray("reports", "notes"),
        "an old iat" => claims["iat"] = Now - 360,
        "an iat to come" => claims["iat"] = Now + 120,
        "an exp that is over" => claims["exp"] = Now - 31,
        "exp as text" => claims["exp"] = (Now + 120).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "no iat" => claims.Remove("iat"),
        "no exp" => claims.Remove("exp"),
        "no jti" => claims.Remove("jti"),
        "no events" => claims.Remove("events"),
        "another event" => claims["events"] = new JsonObject { ["http://schemas.openid.net/event/other"] = new JsonObject() },
        "an event that is no object" => claims["events"] = new JsonObject { [Event] = true },
        "neither sid nor sub" => claims.Remove("sid") && claims.Remove("sub"),
        "a sid that is no text" => claims["sid"] = 1,
        _ => throw new ArgumentOutOfRangeException(nameof(wrong)),
    };

    /// <summary>The claims of a good logout token for the session of somebody who is now signed in.</summary>
    private async Task<JsonObject> SignedInAsync(ReportsVisitor visitor)
    {
        await visitor.SignInAsync();
        var page = await visitor.HomeAsync();
        return new JsonObject
        {
            ["iss"] = run.At.Sso,
            ["aud"] = "reports",
            ["iat"] = Now,
            ["exp"] = Now + 120,
            ["jti"] = $"{visitor.GetHashCode()}-{++made}",
            ["sub"] = page.Text("#subject"),
            ["sid"] = page.Text("#sid"),
            ["events"] = new JsonObject { [Event] = new JsonObject() },
        };
    }

    private async Task ExpectRefusedAsync(string token)
    {
        using var answer = await PostAsync(("logout_token", token));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Contains("\"error\":\"invalid_request\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> PostAsync(params (string Name, string Value)[] form)
    {
        using var sso = new TestBrowser(new Uri(run.At.Reports));
        return await sso.PostAsync("/backchannel-logout", form);
    }
}
