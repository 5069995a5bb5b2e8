using System.Net;
using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Admin;
using Anthane.Sso.Tests.Support;
using Person = Anthane.Sso.Tests.Support.Person;

namespace Anthane.Sso.Tests.Protocol.TokenExchange;

/// <summary>What comes of an exchange (RFC 8693 sections 2.2 and 4.1), and what ends it.</summary>
public sealed class TokenExchangeTests : IAsyncLifetime
{
    private SsoServer server = null!;
    private OidcFlow person = null!;
    private OidcApp service = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ExchangeRun.StartAsync();
        person = await server.SignedInAsync();
        service = await ExchangeRun.ServiceAsync(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_service_gets_a_token_for_the_next_API_that_names_the_person_and_who_acts()
    {
        var subject = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        var answer = await server.ExchangeAsync(service, subject);
        Assert.Equal((HttpStatusCode.OK, ExchangeRun.AccessTokenType, "Bearer", "stock.read"), (answer.Status, answer.Text("issued_token_type"), answer.Text("token_type"), answer.Text("scope")));
        Assert.Equal((false, false, true), (answer.Has("refresh_token"), answer.Has("id_token"), answer.Response.Headers.CacheControl!.NoStore));

        var (before, after) = (JsonAnswer.PayloadOf(subject), JsonAnswer.PayloadOf(answer.AccessToken));
        foreach (var same in new[] { "iss", "sub", "gid", "sid", "auth_time", "acr" })
        {
            Assert.Equal(before.GetProperty(same).ToString(), after.GetProperty(same).ToString());
        }

        Assert.NotEqual(before.GetProperty("jti").GetString(), after.GetProperty("jti").GetString());
        Assert.Equal((ExchangeRun.Stock, "orders-api", """{"sub":"orders-api"}"""), (after.GetProperty("aud").GetString(), after.GetProperty("client_id").GetString(), after.GetProperty("act").GetRawText()));
        Assert.Equal("at+jwt", JsonAnswer.HeaderOf(answer.AccessToken).GetProperty("typ").GetString());
        Assert.True(after.TryGetProperty("email", out _));

        var seen = await new OidcFlow(server, service).PostAsync("/connect/introspect", [("token", answer.AccessToken)]);
        Assert.Equal((true, "orders-api"), (seen.Body.GetProperty("active").GetBoolean(), seen.Body.GetProperty("act").GetProperty("sub").GetString()));
        Assert.Equal(HttpStatusCode.Forbidden, (await person.UserInfoAsync(answer.AccessToken)).Status);
    }

    [Fact]
    public async Task At_the_same_API_scopes_are_narrowed_and_never_widened()
    {
        var subject = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        Assert.Equal("orders.read", (await server.ExchangeAsync(service, subject, ("resource", ExchangeRun.Orders))).Text("scope"));
        Refused("invalid_scope", await server.ExchangeAsync(service, subject, ("resource", ExchangeRun.Orders), ("scope", "orders.write")));
        Refused("invalid_scope", await server.ExchangeAsync(service, subject, ("scope", "openid stock.read")));
        Refused("invalid_scope", await server.ExchangeAsync(service, subject, ("scope", "stock.take")));
        var both = (await person.TokensAsync(("scope", "openid orders.read orders.write"))).AccessToken;
        Assert.Equal("orders.write", (await server.ExchangeAsync(service, both, ("resource", ExchangeRun.Orders), ("scope", "orders.write"))).Text("scope"));
    }

    [Fact]
    public async Task The_API_is_named_by_resource_or_audience_and_only_what_the_policy_names_is_given()
    {
        var subject = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        Assert.Equal("stock.read", (await server.ExchangeAsync(service, subject, ("resource", null), ("audience", ExchangeRun.Stock))).Text("scope"));
        Refused("invalid_target", await server.ExchangeAsync(service, subject, ("resource", null)));
        Refused("invalid_target", await server.ExchangeAsync(service, subject, ("resource", "https://elsewhere.test")));
        Refused("invalid_target", await server.ExchangeAsync(service, subject, ("audience", "https://elsewhere.test")));
        Refused("invalid_target", await server.ExchangeAsync(service, subject, ("audience", ExchangeRun.Orders)));
        var narrow = await ExchangeRun.ServiceAsync(server, "narrow", client => client.Exchange = new ExchangePolicy { From = [ExchangeRun.Orders], To = [ExchangeRun.Orders] });
        Refused("invalid_target", await server.ExchangeAsync(narrow, subject));
        Assert.Equal("orders.read", (await server.ExchangeAsync(narrow, subject, ("resource", null))).Text("scope"));
        Refused("invalid_target", await server.ExchangeAsync(await ExchangeRun.ServiceAsync(server, "without", client => client.Scopes = ["orders.read"]), subject));
    }

    [Fact]
    public async Task It_ends_no_later_than_the_token_it_came_of()
    {
        var subject = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        var own = await server.OwnTokenAsync(service);
        server.Clock.Advance(TimeSpan.FromSeconds(200));
        var answer = await server.ExchangeAsync(service, subject);
        Assert.Equal(JsonAnswer.PayloadOf(subject).GetProperty("exp").GetInt64(), JsonAnswer.PayloadOf(answer.AccessToken).GetProperty("exp").GetInt64());
        Assert.InRange(answer.Body.GetProperty("expires_in").GetInt32(), 1, 100);

        var later = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        Assert.InRange((await server.ExchangeAsync(service, later, ("actor_token", own), ("actor_token_type", ExchangeRun.AccessTokenType))).Body.GetProperty("expires_in").GetInt32(), 1, 100);
        var brief = await ExchangeRun.ServiceAsync(server, "brief", client => client.AccessTokenSeconds = 30);
        Assert.Equal(30, (await server.ExchangeAsync(brief, later)).Body.GetProperty("expires_in").GetInt32());
        server.Clock.Advance(TimeSpan.FromSeconds(100));
        Refused("invalid_request", await server.ExchangeAsync(service, subject));
    }

    [Fact]
    public async Task It_ends_with_the_session_or_the_grant_and_what_has_ended_is_not_exchanged()
    {
        var tokens = await person.TokensAsync(("scope", "openid orders.read"));
        var unbound = await person.TokensAsync(("scope", "openid offline_access orders.read"));
        var (ofSession, ofGrant) = (await server.ExchangeAsync(service, tokens.AccessToken), await server.ExchangeAsync(service, unbound.AccessToken));
        Assert.False(JsonAnswer.PayloadOf(ofGrant.AccessToken).TryGetProperty("sid", out _));

        Assert.Equal(HttpStatusCode.OK, (await person.PostAsync("/connect/revoke", [("token", unbound.RefreshToken)])).Status);
        Assert.False(await IsActiveAsync(ofGrant.AccessToken));
        Refused("invalid_request", await server.ExchangeAsync(service, unbound.AccessToken));

        Assert.True(await IsActiveAsync(ofSession.AccessToken));
        var sid = JsonAnswer.PayloadOf(tokens.AccessToken).GetProperty("sid").GetString()!;
        Assert.True(await server.Get<SessionAdmin>().EndAsync(await server.SubjectIdAsync(Person.Alice), sid, "test"));
        Assert.False(await IsActiveAsync(ofSession.AccessToken));
        Refused("invalid_request", await server.ExchangeAsync(service, tokens.AccessToken));
    }

    [Fact]
    public async Task A_revoked_token_one_of_a_disabled_client_and_one_of_a_disabled_person_are_not_exchanged()
    {
        var app = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.Scopes) = (true, ["openid", "orders.read"]));
        var web = new OidcFlow(server, app, person.Browser);
        var (revoked, ofClient) = (await web.TokensAsync(("scope", "openid orders.read")), await web.TokensAsync(("scope", "openid orders.read")));
        await web.PostAsync("/connect/revoke", [("token", revoked.AccessToken)]);
        Refused("invalid_request", await server.ExchangeAsync(service, revoked.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await server.ExchangeAsync(service, ofClient.AccessToken)).Status);
        Assert.True(await server.Get<ClientAdmin>().SetEnabledAsync(app.ClientId, false, "test"));
        Refused("invalid_request", await server.ExchangeAsync(service, ofClient.AccessToken));

        var bob = await (await server.SignedInAsync(person: Person.Bob)).TokensAsync(("scope", "openid offline_access orders.read"));
        await server.Get<PeopleAdmin>().SetDisabledAsync(await server.SubjectIdAsync(Person.Bob), true, "test");
        var gone = await server.ExchangeAsync(service, bob.AccessToken);
        Assert.Equal(HttpStatusCode.BadRequest, gone.Status);
    }

    [Fact]
    public async Task With_a_policy_that_says_so_nobody_is_named_but_a_chain_is_kept()
    {
        var silent = await ExchangeRun.ServiceAsync(server, "silent", client => client.Exchange = new ExchangePolicy { From = [ExchangeRun.Orders, ExchangeRun.Stock], To = [ExchangeRun.Stock], Impersonates = true });
        var subject = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        var alone = JsonAnswer.PayloadOf((await server.ExchangeAsync(silent, subject)).AccessToken);
        Assert.Equal(("silent", false), (alone.GetProperty("client_id").GetString(), alone.TryGetProperty("act", out _)));
        var acted = (await server.ExchangeAsync(service, subject)).AccessToken;
        Assert.Equal("""{"sub":"orders-api"}""", JsonAnswer.PayloadOf((await server.ExchangeAsync(silent, acted)).AccessToken).GetProperty("act").GetRawText());

        // Whoever brings an actor is named all the same.
        var own = await server.OwnTokenAsync(silent);
        Assert.Equal("""{"sub":"silent"}""", ActOf(await server.ExchangeAsync(silent, subject, ("actor_token", own), ("actor_token_type", ExchangeRun.AccessTokenType))));
    }

    [Fact]
    public async Task The_chain_of_actors_is_kept_and_has_an_end()
    {
        static void Any(Client client) => client.Exchange = new ExchangePolicy { From = [ExchangeRun.Orders, ExchangeRun.Stock], To = [ExchangeRun.Stock] };
        var token = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        for (var i = 1; i <= 5; i++)
        {
            var next = await ExchangeRun.ServiceAsync(server, $"hand-{i}", Any);
            var answer = await server.ExchangeAsync(next, token);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            token = answer.AccessToken;

            // The same hand twice in a row is one.
            Assert.Equal(ActOf(answer), ActOf(await server.ExchangeAsync(next, token)));
        }

        Assert.Equal("""{"sub":"hand-5","act":{"sub":"hand-4","act":{"sub":"hand-3","act":{"sub":"hand-2","act":{"sub":"hand-1"}}}}}""", JsonAnswer.PayloadOf(token).GetProperty("act").GetRawText());
        Refused("invalid_request", await server.ExchangeAsync(await ExchangeRun.ServiceAsync(server, "hand-6", Any), token));
    }

    [Fact]
    public async Task A_token_that_was_bound_to_a_key_is_exchanged_for_one_bound_to_the_services_key_alone()
    {
        using var ofApp = new DpopSender(server);
        using var ofService = new DpopSender(server);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/connect/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code", ["client_id"] = "notes", ["code"] = (await person.AnswerAsync(("scope", "openid orders.read"))).Code, ["redirect_uri"] = person.App.RedirectUri, ["code_verifier"] = OidcFlow.Verifier,
            }),
        };
        request.Headers.Add("DPoP", ofApp.ForToken());
        var subject = (await server.SendAsync(request)).AccessToken;
        Refused("invalid_request", await server.ExchangeAsync(service, subject));
        var answer = await server.ExchangeAsync(service, subject, ofService);
        Assert.Equal((HttpStatusCode.OK, "DPoP"), (answer.Status, answer.Text("token_type")));
        Assert.Equal(ofService.Thumbprint, JsonAnswer.PayloadOf(answer.AccessToken).GetProperty("cnf").GetProperty("jkt").GetString());
    }

    private static string ActOf(JsonAnswer answer) => JsonAnswer.PayloadOf(answer.AccessToken).GetProperty("act").GetRawText();

    private static void Refused(string error, JsonAnswer answer) => Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));

    private async Task<bool> IsActiveAsync(string token) =>
        (await new OidcFlow(server, service).PostAsync("/connect/introspect", [("token", token)])).Body.GetProperty("active").ValueKind is JsonValueKind.True;
}
