using Anthane.Oidc.Clients;

namespace Anthane.Sso.Tests.Protocol.Clients;

public sealed class ClientRuleTests
{
    private static readonly HashSet<string> ApiScopes = ["orders.read"];

    [Fact]
    public void An_ordinary_client_of_each_kind_is_valid()
    {
        foreach (var kind in Enum.GetValues<ClientKind>())
        {
            Assert.Empty(ClientRules.Check(Of(kind), ApiScopes));
        }
    }

    [Fact]
    public void Every_problem_is_named_at_once_with_its_field()
    {
        var client = Of(ClientKind.Web);
        (client.ClientId, client.Name, client.CodeSeconds) = ("a b", " ", 61);
        client.RedirectUris = ["http://app.example/cb"];
        client.Scopes.Add("unknown");
        client.Rules.Add("unheard_of");
        Expect(client, nameof(Client.ClientId), nameof(Client.Name), nameof(Client.RedirectUris), nameof(Client.Scopes), nameof(Client.CodeSeconds), nameof(Client.Rules));
    }

    [Theory]
    [InlineData(ClientKind.Browser)]
    [InlineData(ClientKind.Native)]
    public void No_rule_frees_a_public_client_of_PKCE(ClientKind kind)
    {
        var client = Of(kind);
        client.Rules.Add(ClientRule.WithoutPkce);
        Expect(client, nameof(Client.Rules));
        Assert.Empty(ClientRules.Check(Of(ClientKind.Web, ClientRule.WithoutPkce), ApiScopes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("<script>")]
    [InlineData("\u00fcber")]
    public void A_client_id_is_plain(string id)
    {
        var client = new Client { ClientId = id, Name = "x", Kind = ClientKind.Web, RedirectUris = ["https://app.example/cb"] };
        Expect(client, nameof(Client.ClientId));
    }

    [Theory]
    [InlineData("http://app.example/out")]
    [InlineData("http://localhost:8603/out")]
    [InlineData("https://localhost:8603/out")]
    [InlineData("https://127.0.0.1/out")]
    [InlineData("https://[::ffff:7f00:1]/out")]
    [InlineData("https://0x7f.1/out")]
    [InlineData("https://2130706433/out")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://u@app.example/out")]
    [InlineData("https://app.example/out#f")]
    [InlineData("https://app.example:22/")]
    [InlineData("gopher://app.example/")]
    [InlineData("/out")]
    public void AD_08_a_logout_address_that_this_server_should_not_call_is_refused(string uri)
    {
        var client = Of(ClientKind.Web);
        client.BackchannelLogoutUri = uri;
        Expect(client, nameof(Client.BackchannelLogoutUri));
    }

    [Fact]
    public void A_logout_address_may_be_in_the_organizations_network_and_in_Development_on_loopback()
    {
        var client = Of(ClientKind.Web);
        client.BackchannelLogoutUri = "https://10.1.2.3/out?app=1";
        Assert.Empty(ClientRules.Check(client, ApiScopes));
        client.BackchannelLogoutUri = "http://localhost:8603/out";
        Assert.Empty(ClientRules.Check(client, ApiScopes, loopbackFetches: true));
        var service = Of(ClientKind.Service);
        service.BackchannelLogoutUri = "https://app.example/out";
        Expect(service, nameof(Client.BackchannelLogoutUri));
    }

    [Fact]
    public void A_service_has_no_browser_and_no_person()
    {
        var client = Of(ClientKind.Service);
        client.PostLogoutRedirectUris = ["https://app.example/"];
        client.Scopes.Add("openid");
        Expect(client, nameof(Client.RedirectUris), nameof(Client.Scopes));
    }

    [Fact]
    public void Others_need_an_address_to_return_to()
    {
        var client = Of(ClientKind.Web);
        client.RedirectUris = [];
        Expect(client, nameof(Client.RedirectUris));
        client.RedirectUris = Enumerable.Range(0, 21).Select(i => $"https://app.example/{i}").ToList();
        Expect(client, nameof(Client.RedirectUris));
    }

    [Fact]
    public void Addresses_to_return_to_after_signing_out_follow_the_same_rules()
    {
        var client = Of(ClientKind.Web);
        client.PostLogoutRedirectUris = ["javascript:alert(1)", "https://app.example/#"];
        Assert.Equal(2, ClientRules.Check(client, ApiScopes).Count(problem => problem.Field == nameof(Client.PostLogoutRedirectUris)));
    }

    [Fact]
    public void Default_scopes_are_among_the_scopes_and_offline_access_is_asked_for_by_name()
    {
        var client = Of(ClientKind.Web);
        client.DefaultScopes = ["orders.read"];
        Expect(client, nameof(Client.DefaultScopes));
        client.Scopes.Add("offline_access");
        client.DefaultScopes = ["offline_access"];
        Expect(client, nameof(Client.DefaultScopes));
    }

    [Fact]
    public void A_kind_starts_with_its_grant_types_and_can_have_no_impossible_one()
    {
        foreach (var kind in Enum.GetValues<ClientKind>())
        {
            var client = Of(kind);
            Assert.Equal(ClientGrant.DefaultsOf(kind), client.GrantTypes);
            client.GrantTypes = [.. ClientGrant.PossibleFor(kind)];
            client.Exchange = client.MayUse(ClientGrant.TokenExchange) ? new ExchangePolicy { From = ["https://a.test"], To = ["https://a.test"] } : null;
            Assert.Empty(ClientRules.Check(client, ApiScopes, audiences: new HashSet<string> { "https://a.test" }));
        }

        Refused(ClientKind.Browser, "authorization_code", "client_credentials");
        Refused(ClientKind.Native, "client_credentials", "authorization_code");
        Refused(ClientKind.Service, "client_credentials", "authorization_code");
        Refused(ClientKind.Web, "authorization_code", "authorization_code");
        Refused(ClientKind.Web, "authorization_code", "password");
        Refused(ClientKind.Web, "authorization_code", "AUTHORIZATION_CODE");
        Refused(ClientKind.Web, "refresh_token");
        Refused(ClientKind.Web, "client_credentials", "refresh_token");
        Refused(ClientKind.Web);

        static void Refused(ClientKind kind, params string[] grants)
        {
            var client = Of(kind);
            client.GrantTypes = [.. grants];
            Expect(client, nameof(Client.GrantTypes));
        }
    }

    [Fact]
    public void What_follows_from_the_grant_types_is_asked_for_with_them()
    {
        var alone = Of(ClientKind.Web);
        (alone.GrantTypes, alone.RedirectUris) = (["client_credentials"], []);
        Assert.Empty(ClientRules.Check(alone, ApiScopes));
        alone.GrantTypes.Add("authorization_code");
        Expect(alone, nameof(Client.RedirectUris));

        var brief = Of(ClientKind.Web);
        (brief.GrantTypes, brief.Scopes) = (["authorization_code"], ["openid", "offline_access"]);
        Expect(brief, nameof(Client.Scopes));
    }

    [Fact]
    public void Lifetimes_have_limits()
    {
        var client = Of(ClientKind.Web);
        (client.AccessTokenSeconds, client.IdTokenSeconds, client.CodeSeconds) = (29, 86_401, 9);
        (client.RefreshIdleSeconds, client.RefreshAbsoluteSeconds, client.RefreshGraceSeconds) = (59, 31_536_001, 121);
        Expect(
            client,
            nameof(Client.AccessTokenSeconds),
            nameof(Client.IdTokenSeconds),
            nameof(Client.CodeSeconds),
            nameof(Client.RefreshIdleSeconds),
            nameof(Client.RefreshAbsoluteSeconds),
            nameof(Client.RefreshGraceSeconds));
        (client.AccessTokenSeconds, client.IdTokenSeconds, client.CodeSeconds) = (30, 86_400, 60);
        (client.RefreshIdleSeconds, client.RefreshAbsoluteSeconds, client.RefreshGraceSeconds) = (60, 31_536_000, 0);
        Assert.Empty(ClientRules.Check(client, ApiScopes));
    }

    [Fact]
    public void Defaults_are_those_of_the_assignment()
    {
        var (browser, web) = (Of(ClientKind.Browser), Of(ClientKind.Web));
        Assert.Equal((300, 300, 60), (browser.AccessTokenLifetime.TotalSeconds, browser.IdTokenLifetime.TotalSeconds, browser.CodeLifetime.TotalSeconds));
        Assert.Equal((TimeSpan.FromDays(14), TimeSpan.FromDays(30), TimeSpan.FromSeconds(60)), (web.RefreshIdle, web.RefreshAbsolute, web.RefreshGrace));
        Assert.Equal((TimeSpan.FromHours(24), TimeSpan.FromDays(30)), (browser.RefreshAbsolute, Of(ClientKind.Native).RefreshAbsolute));
    }

    private static Client Of(ClientKind kind, params string[] rules) => new()
    {
        ClientId = "client-1",
        Name = "Bücher & Mehr",
        Kind = kind,
        RedirectUris = kind is ClientKind.Service ? [] : ["https://app.example/cb"],
        Scopes = kind is ClientKind.Service ? ["orders.read"] : ["openid"],
        Rules = [.. rules],
    };

    private static void Expect(Client client, params string[] fields) =>
        Assert.Equal(fields.Order(StringComparer.Ordinal), ClientRules.Check(client, ApiScopes).Select(problem => problem.Field).Order(StringComparer.Ordinal));
}
