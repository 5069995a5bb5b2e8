using System.Net;
using Anthane.Oidc.Data;
using Anthane.Oidc.Sessions;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>The claims parameter (OpenID Connect Core 5.5): what is told where, what must be allowed first, and what it demands of the sign-in.</summary>
public sealed class ClaimsParameterTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Email = """{"userinfo":{"email":null,"unheard_of":{"essential":true}},"id_token":{"name":{"essential":true},"auth_time":{"essential":true}}}""";
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task Claims_are_told_where_they_were_asked_for_and_nowhere_else_also_after_a_refresh()
    {
        var flow = await ThirdPartyAsync();
        var tokens = await flow.TokensAsync(("claims", Email));
        Assert.Equal("openid", tokens.Text("scope"));
        await ExpectAsync(flow, tokens);
        await ExpectAsync(flow, await flow.RefreshAsync(tokens.RefreshToken));
        await ExpectAsync(flow, await flow.TokensAsync(("claims", Email), ("scope", "openid email")));

        var plain = await flow.TokensAsync();
        Assert.Equal(["sub"], await UserInfoNamesAsync(flow, plain));
        Assert.False(JsonAnswer.PayloadOf(plain.IdToken).TryGetProperty("name", out _));
        Assert.False(JsonAnswer.PayloadOf(plain.AccessToken).TryGetProperty("userinfo_claims", out _));
    }

    [Fact]
    public async Task A_pushed_request_asks_for_claims_in_the_same_way()
    {
        var flow = await ThirdPartyAsync();
        await ExpectAsync(flow, await flow.RedeemAsync(await flow.CodeOfAsync(await flow.PushAsync([], ("claims", Email)))));
        Assert.Equal("invalid_request", (await flow.PushAsync([], ("claims", "[]"))).Error);
    }

    [Fact]
    public async Task The_person_is_asked_in_the_words_of_the_scopes_that_tell_these_claims_and_what_they_allow_is_remembered()
    {
        var flow = await ThirdPartyAsync();
        await flow.TokensAsync();
        Assert.Equal("consent_required", (await flow.AnswerAsync(("claims", Email), ("prompt", "none"))).Error);

        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("claims", Email)));
        var shown = (await TestBrowser.ReadAsync(page)).QuerySelectorAll("input[name=scopes]").Select(input => input.GetAttribute("value"));
        Assert.Equal(["email", "openid", "profile"], shown.Order(StringComparer.Ordinal));

        flow.Allows = false;
        Assert.Equal("access_denied", (await flow.AnswerAsync(("claims", Email))).Error);
        flow.Allows = true;
        await flow.TokensAsync(("claims", Email));
        Assert.Null((await flow.AnswerAsync(("claims", Email), ("prompt", "none"))).Error);
    }

    [Fact]
    public async Task A_client_that_may_not_ask_for_a_scope_does_not_get_its_claims_by_name()
    {
        var app = await OidcApp.RegisterAsync(server, client => client.Scopes = ["openid", "email"]);
        var flow = await server.SignedInAsync(app);
        var tokens = await flow.TokensAsync(("claims", """{"userinfo":{"email":null,"phone_number":null},"id_token":{"name":null}}"""));
        Assert.Equal(["email", "sub"], await UserInfoNamesAsync(flow, tokens));
        Assert.False(JsonAnswer.PayloadOf(tokens.IdToken).TryGetProperty("name", out _));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"userinfo":[]}""")]
    [InlineData("""{"userinfo":null}""")]
    [InlineData("""{"userinfo":{"name":true}}""")]
    [InlineData("""{"userinfo":{"name":{"essential":"yes"}}}""")]
    [InlineData("""{"userinfo":{"name":{"values":"x"}}}""")]
    [InlineData("""{"userinfo":{"name":{"values":[]}}}""")]
    [InlineData("""{"userinfo":{"name":{"value":"x","values":["y"]}}}""")]
    [InlineData("""{"userinfo":{"name":null,"name":null}}""")]
    [InlineData("""{"id_token":{"sub":{"value":7}}}""")]
    [InlineData("""{"id_token":{"acr":{"values":[1]}}}""")]
    [InlineData("""{"userinfo":{"name":null}} x""")]
    public async Task What_breaks_the_syntax_is_an_invalid_request(string claims)
    {
        var flow = await server.SignedInAsync();
        Assert.Equal("invalid_request", (await flow.AnswerAsync(("claims", claims))).Error);
    }

    [Fact]
    public async Task More_than_8_KB_are_refused_and_unknown_members_are_ignored()
    {
        var flow = await server.SignedInAsync();
        var pushing = await ThirdPartyAsync();
        Assert.Equal("invalid_request", (await pushing.PushAsync([], ("claims", $$"""{"x":"{{new string('a', 8 * 1024)}}"}"""))).Error);
        Assert.Equal(HttpStatusCode.Created, (await pushing.PushAsync([], ("claims", $$"""{"x":"{{new string('a', 8 * 1024 - 8)}}"}"""))).Status);
        Assert.Null((await flow.AnswerAsync(("claims", """{"verified":{"name":7},"userinfo":{"name":{"purpose":"why"}}}"""))).Error);
    }

    [Fact]
    public async Task The_person_must_be_the_one_whom_the_request_names()
    {
        var flow = await server.SignedInAsync();
        var (alice, bob) = (await server.SubjectIdAsync(Person.Alice), await server.SubjectIdAsync(Person.Bob));
        Assert.Null((await flow.AnswerAsync(("prompt", "none"), Subject("id_token", $"\"value\":\"{alice}\""))).Error);
        Assert.Null((await flow.AnswerAsync(("prompt", "none"), Subject("id_token", $"\"values\":[\"{bob}\",\"{alice}\"]"))).Error);
        Assert.Equal("login_required", (await flow.AnswerAsync(("prompt", "none"), Subject("id_token", $"\"value\":\"{bob}\""))).Error);
        Assert.Equal("login_required", (await flow.AnswerAsync(("prompt", "none"), Subject("userinfo", $"\"value\":\"{bob}\""))).Error);

        // Asked to sign in, and still somebody else.
        Assert.Equal("login_required", (await flow.AnswerAsync(Subject("id_token", $"\"value\":\"{bob}\""))).Error);
        Assert.Equal(["/account/login"], flow.Seen);
        flow.Person = Person.Bob;
        Assert.Equal(bob, JsonAnswer.PayloadOf((await flow.TokensAsync(Subject("id_token", $"\"value\":\"{bob}\""))).IdToken).GetProperty("sub").GetString());

        static (string, string?) Subject(string place, string wish) => ("claims", "{\"" + place + "\":{\"sub\":{" + wish + "}}}");
    }

    [Fact]
    public async Task An_essential_acr_that_no_sign_in_here_reaches_is_told_and_a_voluntary_one_is_not_missed()
    {
        var flow = new OidcFlow(server, OidcApp.Notes);
        foreach (var prompt in new[] { null, "none" })
        {
            Assert.Equal("unmet_authentication_requirements", (await flow.AnswerAsync(("prompt", prompt), Acr("""{"essential":true,"values":["mfa","phr"]}"""))).Error);
            Assert.Equal("unmet_authentication_requirements", (await flow.AnswerAsync(("prompt", prompt), Acr("""{"essential":true,"value":"phr"}"""))).Error);
        }

        Assert.Empty(flow.Seen);
        Assert.Equal("pwd", await ReachedAsync(flow, Acr("""{"essential":true,"values":["phr","pwd"]}""")));
        Assert.Equal("pwd", await ReachedAsync(flow, Acr("""{"values":["phr"]}""")));
        Assert.Equal("pwd", await ReachedAsync(flow, Acr("""{"essential":true}""")));
        Assert.Equal("pwd", await ReachedAsync(flow, ("acr_values", "phr mfa")));
    }

    [Fact]
    public async Task A_session_that_falls_short_of_an_essential_acr_is_raised_by_signing_in_again()
    {
        var flow = new OidcFlow(server, OidcApp.Notes);
        var session = await flow.SignInQuicklyAsync();
        await using (var db = server.Get<OidcDbFactory>().Open())
        {
            await db.Set<SsoSession>().Where(row => row.Sid == session.Sid).ExecuteUpdateAsync(row => row.SetProperty(item => item.Acr, "less"), TestContext.Current.CancellationToken);
        }

        var acr = Acr("""{"essential":true,"values":["pwd"]}""");
        Assert.Equal("less", await ReachedAsync(flow, ("acr_values", "pwd")));
        Assert.Equal("login_required", (await flow.AnswerAsync(acr, ("prompt", "none"))).Error);
        Assert.Empty(flow.Seen);
        Assert.Equal("pwd", await ReachedAsync(flow, acr));
        Assert.Equal(["/account/login"], flow.Seen);
        Assert.Null((await flow.AnswerAsync(acr, ("prompt", "none"))).Error);
    }

    private static (string, string?) Acr(string wish) => ("claims", "{\"id_token\":{\"acr\":" + wish + "}}");

    private static async Task<string?> ReachedAsync(OidcFlow flow, params (string Name, string? Value)[] changes) =>
        JsonAnswer.PayloadOf((await flow.TokensAsync(changes)).IdToken).GetProperty("acr").GetString();

    private async Task<OidcFlow> ThirdPartyAsync() => await server.SignedInAsync(await OidcApp.RegisterAsync(server));

    private static async Task ExpectAsync(OidcFlow flow, JsonAnswer tokens)
    {
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Equal("Alice Liddell", JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("name").GetString());
        Assert.False(JsonAnswer.PayloadOf(tokens.IdToken).TryGetProperty("email", out _));
        Assert.Subset(new HashSet<string> { "sub", "email", "email_verified" }, (await UserInfoNamesAsync(flow, tokens)).ToHashSet());
        Assert.Equal(Person.Alice.UserName, (await flow.UserInfoAsync(tokens.AccessToken)).Text("email"));
    }

    private static async Task<string[]> UserInfoNamesAsync(OidcFlow flow, JsonAnswer tokens) =>
        (await flow.UserInfoAsync(tokens.AccessToken)).Body.EnumerateObject().Select(claim => claim.Name).Order(StringComparer.Ordinal).ToArray();
}
