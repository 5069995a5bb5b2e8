using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>Several APIs are asked for at once, and each token is for one of them (RFC 8707 section 2).</summary>
public sealed class SeveralResourcesTests : IAsyncLifetime
{
    private const string Orders = ExchangeRun.Orders;
    private const string Stock = ExchangeRun.Stock;
    private static readonly (string, string?)[] Both = [("scope", "openid orders.read stock.read"), ("resource", Orders), ("resource", Stock)];
    private SsoServer server = null!;

    public async ValueTask InitializeAsync() => server = await ExchangeRun.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Two_APIs_are_granted_together_and_each_token_is_for_the_one_that_is_named()
    {
        var flow = await server.SignedInAsync(await AppAsync());
        var first = await flow.RedeemAsync((await flow.AnswerAsync(Both)).Code, ("resource", Orders));
        Expect(first, "openid orders.read", Orders);
        Expect(await flow.RefreshAsync(first.RefreshToken, ("resource", Stock)), "openid stock.read", Stock);
        Expect(await flow.RefreshAsync(first.RefreshToken, ("resource", Orders)), "openid orders.read", Orders);
        Expect(await flow.RefreshAsync(first.RefreshToken, ("scope", "stock.read")), "stock.read", Stock);
    }

    [Fact]
    public async Task Without_a_name_or_with_two_or_another_there_is_no_token()
    {
        var flow = await server.SignedInAsync(await AppAsync());
        foreach (var named in new (string, string?)[][] { [], [("resource", Orders), ("resource", Stock)], [("resource", "https://other.example")], [("resource", Orders), ("resource", "https://other.example")] })
        {
            Refused(await flow.RedeemAsync((await flow.AnswerAsync(Both)).Code, named));
        }

        var token = (await flow.RedeemAsync((await flow.AnswerAsync(Both)).Code, ("resource", Orders))).RefreshToken;
        Refused(await flow.RefreshAsync(token));
        Refused(await flow.RefreshAsync(token, ("resource", Orders), ("resource", Stock)));
        Refused(await flow.RefreshAsync(token, ("scope", "orders.read"), ("resource", Stock)));
        Expect(await flow.RefreshAsync(token, ("resource", Stock)), "openid stock.read", Stock);
    }

    [Fact]
    public async Task An_API_that_was_not_named_at_authorize_is_not_granted()
    {
        var flow = await server.SignedInAsync(await AppAsync());
        var token = await flow.TokensAsync(("scope", "openid orders.read stock.read"), ("resource", Orders));
        Expect(token, "openid orders.read", Orders);
        Refused(await flow.RefreshAsync(token.RefreshToken, ("resource", Stock)));
        Assert.Equal("invalid_target", (await flow.AnswerAsync(("scope", "openid orders.read stock.read"))).Error);
        Assert.Equal("invalid_target", (await flow.AnswerAsync(("scope", "openid orders.read"), ("resource", Orders), ("resource", Stock))).Error);
    }

    [Fact]
    public async Task One_token_for_all_is_for_clients_with_the_rule_alone()
    {
        var flow = await server.SignedInAsync(await AppAsync(client => client.Rules = [ClientRule.WithoutPkce, ClientRule.SeveralResources]));
        Expect(await flow.TokensAsync(Both), "openid orders.read stock.read", Orders, Stock);
        Expect(await flow.TokensAsync(("scope", "openid orders.read stock.read")), "openid orders.read stock.read", Orders, Stock);
        Expect(await flow.RedeemAsync((await flow.AnswerAsync(Both)).Code, ("resource", Stock)), "openid stock.read", Stock);
    }

    [Fact]
    public async Task Pushed_requests_and_devices_may_name_several_too()
    {
        var flow = await server.SignedInAsync(await AppAsync());
        Expect(await flow.RedeemAsync(await flow.CodeOfAsync(await flow.PushAsync([], Both)), ("resource", Stock)), "openid stock.read", Stock);

        var app = await DeviceRun.TelevisionAsync(server, client => client.Scopes = ["openid", "offline_access", "orders.read", "stock.read"]);
        var device = await server.SignedInAsync(app);
        var asked = await device.AllowedAsync(Both);
        Refused(await device.PollAsync(asked));
        Expect(await device.PollAsync(asked, ("resource", Orders)), "openid orders.read", Orders);
    }

    private Task<OidcApp> AppAsync(Action<Client>? change = null) => OidcApp.RegisterAsync(server, client =>
    {
        (client.Scopes, client.FirstParty) = (["openid", "orders.read", "stock.read"], true);
        change?.Invoke(client);
    });

    private static void Expect(JsonAnswer answer, string scope, params string[] audiences)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString());
        Assert.Equal(scope, answer.Text("scope"));
        var aud = JsonAnswer.PayloadOf(answer.AccessToken).GetProperty("aud");
        Assert.Equal(audiences, audiences.Length == 1 ? [aud.GetString()!] : aud.EnumerateArray().Select(value => value.GetString()!).ToArray());
    }

    private static void Refused(JsonAnswer answer) => Assert.Equal((HttpStatusCode.BadRequest, "invalid_target"), (answer.Status, answer.Error));
}
