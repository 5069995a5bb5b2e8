using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Sso.Admin;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Support;
using Person = Anthane.Sso.Tests.Support.Person;

namespace Anthane.Sso.Tests.Protocol.Logout;

/// <summary>Whoever took part in a session is told of its end, whichever way it ended (OpenID Connect Back-Channel Logout 1.0).</summary>
public sealed class BackchannelLogoutTests(LogoutRun run) : IClassFixture<LogoutRun>
{
    [Fact]
    public async Task TK_36_the_logout_token_says_what_the_specification_wants_and_no_more()
    {
        var app = await run.AppAsync("/token");
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        var post = Assert.Single(await run.Receiver.WaitAsync("/token"));
        var token = await LogoutRun.CheckAsync(run.Server, app, post);
        var idToken = JsonAnswer.PayloadOf(tokens.IdToken);
        Assert.Equal(["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"], token.EnumerateObject().Select(claim => claim.Name).Order(StringComparer.Ordinal));
        Assert.Equal(idToken.GetProperty("sub").GetString(), token.GetProperty("sub").GetString());
        Assert.Equal(idToken.GetProperty("sid").GetString(), token.GetProperty("sid").GetString());
        Assert.Equal(app.ClientId, token.GetProperty("aud").GetString());
        Assert.Equal(120, token.GetProperty("exp").GetInt64() - token.GetProperty("iat").GetInt64());
        Assert.Equal("""{"http://schemas.openid.net/event/backchannel-logout":{}}""", token.GetProperty("events").GetRawText());
        Assert.Equal("logout+jwt", JsonAnswer.HeaderOf(post.Token).GetProperty("typ").GetString());
    }

    [Fact]
    public async Task A_logout_token_is_no_access_token_and_no_hint()
    {
        var app = await run.AppAsync("/misused");
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        var token = Assert.Single(await run.Receiver.WaitAsync("/misused")).Token;
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(token)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.EndSessionAsync(("id_token_hint", token))).StatusCode);
        Assert.DoesNotContain(run.Server.Logs, line => line.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_app_of_the_session_is_told_once_and_no_other()
    {
        var (first, second, other) = (await run.AppAsync("/first"), await run.AppAsync("/second"), await run.AppAsync("/other"));
        var silent = await OidcApp.RegisterAsync(run.Server, client => client.FirstParty = true);
        var (flow, tokens) = await run.SignedInAsync(first, second, silent);
        await flow.TokensAsync();
        await run.SignedInAsync(other);
        await LogoutRun.SignOutAsync(flow, tokens);
        await run.Receiver.WaitAsync("/first");
        await run.Receiver.WaitAsync("/second");
        Assert.Single(run.Receiver.At("/first"));
        Assert.Single(run.Receiver.At("/second"));
        Assert.Empty(run.Receiver.At("/other"));
        Assert.Empty(await run.Server.Get<LogoutStatus>().ListAsync(silent.ClientId, 10));
        await run.StatusAsync(first, status => status is { State: LogoutMessageState.Delivered, Attempts: 1, Answer: null });

        await LogoutRun.SignOutAsync(flow, tokens);
        Assert.Single(await run.Server.Get<LogoutStatus>().ListAsync(first.ClientId, 10));
    }

    public static TheoryData<string> Ways => ["the app", "our page", "another browser", "somebody else at this browser", "an admin ends the session", "disabled", "deleted", "new password"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Apps_are_told_whichever_way_a_session_ends(string way)
    {
        var path = "/" + way.Replace(' ', '-');
        var app = await run.AppAsync(path);
        var person = await NewPersonAsync(way.Replace(' ', '-') + "@ways.test");
        var flow = await run.Server.SignedInAsync(app, person);
        var tokens = await flow.TokensAsync();
        await EndAsync(way, flow, tokens, person);
        var token = await LogoutRun.CheckAsync(run.Server, app, Assert.Single(await run.Receiver.WaitAsync(path)));
        Assert.Equal(JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("sid").GetString(), token.GetProperty("sid").GetString());
        await run.StatusAsync(app, status => status.State == LogoutMessageState.Delivered);
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
    }

    private async Task EndAsync(string way, OidcFlow flow, JsonAnswer tokens, Person person)
    {
        var (people, sid) = (run.Server.Get<PeopleAdmin>(), JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("sid").GetString()!);
        var id = await run.Server.SubjectIdAsync(person);
        switch (way)
        {
            case "the app":
                await LogoutRun.SignOutAsync(flow, tokens);
                break;
            case "our page":
                await flow.Browser.PressAsync("/account/logout", "#logout");
                break;
            case "another browser":
                var elsewhere = await run.Server.SignedInAsync(flow.App, person);
                await elsewhere.Browser.PressAsync("/", $"button[name=sid][value='{sid}']");
                break;
            case "somebody else at this browser":
                flow.Person = Person.Bob;
                await flow.WalkAsync(("prompt", "login"));
                break;
            case "an admin ends the session":
                Assert.True(await run.Server.Get<SessionAdmin>().EndAsync(id, sid, "test"));
                break;
            case "disabled":
                Assert.True((await people.SetDisabledAsync(id, true, "test")).Done);
                break;
            case "deleted":
                Assert.True((await people.DeleteAsync(id, "test")).Done);
                break;
            default:
                using (var browser = run.Server.NewBrowser())
                {
                    var link = (await run.Server.MailToAsync(person.UserName))[0].Link();
                    Assert.Equal(HttpStatusCode.SeeOther, (await browser.SubmitAsync(link, "form:has([name=Password])", ("Password", "seven purple umbrellas wait"))).StatusCode);
                }

                break;
        }
    }

    private async Task<Person> NewPersonAsync(string email)
    {
        Assert.True((await run.Server.Get<PeopleAdmin>().CreateAsync(new NewPerson(email, "Somebody", true, false), "test")).Done);
        return new Person(email, "");
    }
}
