using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Keys;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.TokenExchange;

/// <summary>Who may not exchange what (RFC 8693 sections 2.1, 2.2.2, 4.4 and 5).</summary>
public sealed class TokenExchangeRefusalTests : IAsyncLifetime
{
    private SsoServer server = null!;
    private OidcFlow person = null!;
    private OidcApp service = null!;
    private string subject = "";

    public async ValueTask InitializeAsync()
    {
        server = await ExchangeRun.StartAsync();
        person = await server.SignedInAsync();
        service = await ExchangeRun.ServiceAsync(server);
        subject = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("subject_token", null)]
    [InlineData("subject_token_type", null)]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:id_token")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:saml2")]
    [InlineData("subject_token_type", "access_token")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:id_token")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:jwt")]
    [InlineData("actor_token_type", "urn:ietf:params:oauth:token-type:access_token")]
    [InlineData("actor_token", "x")]
    [InlineData("subject_token", "x")]
    [InlineData("subject_token", "a.b.c")]
    public async Task A_request_that_is_not_of_this_kind_is_invalid(string name, string? value)
    {
        Refused("invalid_request", await server.ExchangeAsync(service, subject, (name, value)));
        Assert.Equal(HttpStatusCode.OK, (await server.ExchangeAsync(service, subject, ("requested_token_type", ExchangeRun.AccessTokenType))).Status);
    }

    [Fact]
    public async Task No_other_kind_of_token_passes_for_an_access_token()
    {
        var tokens = await person.TokensAsync(("scope", "openid orders.read"));
        foreach (var other in new[] { tokens.IdToken, tokens.RefreshToken, (await person.AnswerAsync()).Code, await server.OwnTokenAsync(service), tokens.AccessToken + "x", tokens.AccessToken[..^2] })
        {
            Refused("invalid_request", await server.ExchangeAsync(service, other));
        }

        var parts = subject.Split('.');
        var unsigned = Base64UrlEncoder.Encode("""{"alg":"none","typ":"at+jwt"}""") + "." + parts[1] + ".";
        var changed = JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))!;
        changed["scope"] = "orders.read orders.write";
        var forged = parts[0] + "." + Base64UrlEncoder.Encode(changed.ToJsonString()) + "." + parts[2];
        Refused("invalid_request", await server.ExchangeAsync(service, unsigned));
        Refused("invalid_request", await server.ExchangeAsync(service, forged));
    }

    [Fact]
    public async Task Only_a_client_with_a_secret_and_a_policy_exchanges()
    {
        Refused("unauthorized_client", await server.ExchangeAsync(OidcApp.Notes, subject));
        Refused("unauthorized_client", await server.ExchangeAsync(await OidcApp.RegisterAsync(server), subject));
        Assert.Equal("invalid_client", (await server.ExchangeAsync(service with { Secret = "wrong" }, subject)).Error);
        Assert.Equal("invalid_client", (await server.ExchangeAsync(service with { Secret = null }, subject)).Error);
        foreach (var kind in Enum.GetValues<ClientKind>())
        {
            Assert.Equal(kind is ClientKind.Service or ClientKind.Web, ClientGrant.PossibleFor(kind).Contains(ClientGrant.TokenExchange));
            Assert.DoesNotContain(ClientGrant.TokenExchange, ClientGrant.DefaultsOf(kind));
        }

        var client = (await server.Get<ClientAdmin>().FindAsync(service.ClientId))!;
        (client.GrantTypes, client.Exchange) = ([ClientGrant.ClientCredentials], null);
        Assert.Empty((await server.Get<ClientAdmin>().UpdateAsync(client, "test")).Problems);
        Refused("unauthorized_client", await server.ExchangeAsync(service, subject));
    }

    [Fact]
    public async Task Only_tokens_for_the_APIs_and_of_the_clients_in_the_policy_are_exchanged()
    {
        var ofPhotos = (await new OidcFlow(server, OidcApp.Photos, person.Browser).TokensAsync(("scope", "openid orders.read"))).AccessToken;
        var forUs = (await person.TokensAsync(("scope", "openid"))).AccessToken;
        var picky = await ExchangeRun.ServiceAsync(server, "picky", client => client.Exchange!.Clients = ["notes"]);
        Assert.Equal(HttpStatusCode.OK, (await server.ExchangeAsync(picky, subject)).Status);
        Refused("invalid_request", await server.ExchangeAsync(picky, ofPhotos));
        Assert.Equal(HttpStatusCode.OK, (await server.ExchangeAsync(service, ofPhotos)).Status);
        Refused("invalid_request", await server.ExchangeAsync(service, forUs));
        var elsewhere = await ExchangeRun.ServiceAsync(server, "elsewhere", client => client.Exchange!.From = [ExchangeRun.Stock]);
        Refused("invalid_request", await server.ExchangeAsync(elsewhere, subject));

        // The client learns that it was refused; why is in the log.
        Assert.Contains(server.Logs, line => line.Contains("for none of the APIs whose tokens this client may exchange", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Logs, line => line.Contains(subject[^40..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_actor_token_must_have_been_given_to_the_caller_itself()
    {
        Task<JsonAnswer> With(OidcApp app, string actor) => server.ExchangeAsync(app, subject, ("actor_token", actor), ("actor_token_type", ExchangeRun.AccessTokenType));
        var other = await ExchangeRun.ServiceAsync(server, "other");
        Refused("invalid_request", await With(service, await server.OwnTokenAsync(other)));
        Refused("invalid_request", await With(service, subject));
        Refused("invalid_request", await With(service, "x"));
        Assert.Equal(HttpStatusCode.OK, (await With(service, await server.OwnTokenAsync(service))).Status);

        // A person of the support, signed in at the console that asks, acts for Alice.
        var console = await OidcApp.RegisterAsync(server, client =>
        {
            (client.FirstParty, client.Scopes, client.GrantTypes) = (true, ["openid", "stock.read"], ["authorization_code", ClientGrant.TokenExchange]);
            client.Exchange = new ExchangePolicy { From = [ExchangeRun.Orders], To = [ExchangeRun.Stock] };
        });
        var bob = await server.SignedInAsync(console, Person.Bob);
        var actor = (await bob.TokensAsync(("scope", "openid"))).AccessToken;
        var payload = JsonAnswer.PayloadOf((await With(console, actor)).AccessToken);
        Assert.Equal(await server.SubjectIdAsync(Person.Alice), payload.GetProperty("sub").GetString());
        Assert.Equal(await server.SubjectIdAsync(Person.Bob), payload.GetProperty("act").GetProperty("sub").GetString());
        Assert.True(await server.Get<SessionAdmin>().EndAsync(await server.SubjectIdAsync(Person.Bob), JsonAnswer.PayloadOf(actor).GetProperty("sid").GetString()!, "test"));
        Refused("invalid_request", await With(console, actor));
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        subject = (await person.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        var late = await server.OwnTokenAsync(service);
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        Refused("invalid_request", await With(service, late));
    }

    [Theory]
    [InlineData("""{"sub":"orders-api"}""", true)]
    [InlineData("""{"sub":"orders-api","client_id":"orders-api"}""", true)]
    [InlineData("""{"sub":"somebody-else"}""", false)]
    [InlineData("""{"sub":"orders-api","iss":"https://elsewhere.test"}""", false)]
    [InlineData("""{"sub":"orders-api","client_id":"notes"}""", false)]
    [InlineData("""{"sub":"orders-api","on_weekdays":"only"}""", false)]
    [InlineData("""{"client_id":"orders-api"}""", false)]
    [InlineData("""{"sub":["orders-api"]}""", false)]
    [InlineData("""{}""", false)]
    [InlineData("\"orders-api\"", false)]
    [InlineData("null", false)]
    [InlineData("true", false)]
    [InlineData("7", false)]
    [InlineData("""["orders-api"]""", false)]
    public async Task A_may_act_claim_is_obeyed(string mayAct, bool accepted)
    {
        var claims = JsonNode.Parse(Base64UrlEncoder.Decode(subject.Split('.')[1]))!;
        claims["may_act"] = JsonNode.Parse(mayAct);
        var token = await server.Get<KeyRing>().SignAsync(Encoding.UTF8.GetBytes(claims.ToJsonString()), "at+jwt", SigningAlgorithms.Rs256);
        var silent = await ExchangeRun.ServiceAsync(server, "silent", client => client.Exchange!.Impersonates = true);
        var answer = await server.ExchangeAsync(service, token);
        Assert.Equal((accepted ? HttpStatusCode.OK : HttpStatusCode.BadRequest, accepted ? null : "invalid_request"), (answer.Status, answer.Error));
        Refused("invalid_request", await server.ExchangeAsync(silent, token));
    }

    [Fact]
    public void A_policy_names_APIs_that_exist_and_goes_with_the_grant()
    {
        HashSet<string> audiences = [ExchangeRun.Orders];
        static Client Of(ExchangePolicy? policy, params string[] grants) =>
            new() { ClientId = "x", Name = "x", Kind = ClientKind.Service, GrantTypes = [ClientGrant.ClientCredentials, .. grants], Exchange = policy };
        string[] Fields(Client client) => [.. ClientRules.Check(client, new HashSet<string>(), audiences: audiences).Select(problem => problem.Field)];

        ExchangePolicy good = new() { From = [ExchangeRun.Orders], To = [ExchangeRun.Orders] };
        Assert.Empty(Fields(Of(good, ClientGrant.TokenExchange)));
        Assert.Equal(["ExchangeFrom"], Fields(Of(null, ClientGrant.TokenExchange)));
        Assert.Equal(["GrantTypes"], Fields(Of(good)));
        Assert.Equal(["ExchangeFrom", "ExchangeTo"], Fields(Of(new ExchangePolicy(), ClientGrant.TokenExchange)));
        Assert.Equal(["ExchangeTo"], Fields(Of(good with { To = [ExchangeRun.Stock] }, ClientGrant.TokenExchange)));
        Assert.Equal(["ExchangeClients"], Fields(Of(good with { Clients = ["a b"] }, ClientGrant.TokenExchange)));
    }

    private static void Refused(string error, JsonAnswer answer) => Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));
}
