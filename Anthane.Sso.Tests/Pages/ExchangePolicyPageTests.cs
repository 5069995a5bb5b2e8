using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>Which tokens a client may exchange, as an admin chooses it.</summary>
public sealed class ExchangePolicyPageTests
{
    [Fact]
    public async Task A_policy_is_chosen_told_in_the_history_taken_away_and_refused_where_it_is_half()
    {
        await using var server = await ExchangeRun.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        const string address = "/admin/clients/edit?id=orders-worker";
        var saved = await admin.PressAsync(address, "#save", ("Form.GrantTypes", ClientGrant.TokenExchange), ("Form.ExchangeFrom", ExchangeRun.Orders), ("Form.ExchangeTo", ExchangeRun.Stock), ("Form.ExchangeClients", " notes  photos "));
        Assert.Contains($"Exchange: none → from {ExchangeRun.Orders}, of notes photos, to {ExchangeRun.Stock}", (await TestBrowser.ReadAsync(await admin.ThenAsync(saved))).Text("#history"), StringComparison.Ordinal);
        var stored = (await server.Get<ClientAdmin>().FindAsync("orders-worker"))!.Exchange!;
        Assert.Equal(new ExchangePolicy { From = [ExchangeRun.Orders], To = [ExchangeRun.Stock], Clients = ["notes", "photos"] }, stored);

        var half = await admin.PressAsync(address, "#save", ("Form.ExchangeTo", null));
        Assert.Equal(HttpStatusCode.BadRequest, half.StatusCode);
        Assert.NotEmpty((await TestBrowser.ReadAsync(half)).Text("#Form_ExchangeTo .problem"));
        Assert.Equal(stored, (await server.Get<ClientAdmin>().FindAsync("orders-worker"))!.Exchange);

        await admin.ThenAsync(await admin.PressAsync(address, "#save", ("Form.GrantTypes", ClientGrant.ClientCredentials), ("Form.ExchangeFrom", null), ("Form.ExchangeTo", null), ("Form.ExchangeClients", "")));
        Assert.Null((await server.Get<ClientAdmin>().FindAsync("orders-worker"))!.Exchange);
        Assert.Null((await admin.PageAsync("/admin/clients/edit?id=notes")).QuerySelector("#exchange"));
    }
}
