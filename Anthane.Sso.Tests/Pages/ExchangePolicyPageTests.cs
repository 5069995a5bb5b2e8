using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Pages;

/// <summary>Which tokens a client may exchange, as an admin chooses it.</summary>
public sealed class ExchangePolicyPageTests(Chromium chromium)
{
    [Theory]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task The_choice_fits_and_passes_axe(int width, ColorScheme scheme)
    {
        await using var server = await ExchangeRun.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var service = await ExchangeRun.ServiceAsync(server);
        var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        await context.AddCookiesAsync([new() { Name = "anthane-session", Value = admin.Cookies["anthane-session"], Url = server.Address.ToString() }]);
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Address + "admin/clients/edit?id=" + service.ClientId);
        await page.ClickAsync("summary:has-text('More settings')");
        await Assertions.Expect(page.Locator($"[name='Form.ExchangeTo'][value='{ExchangeRun.Stock}']")).ToBeCheckedAsync();
        await Pictures.TakeAsync(page, "exchange policy");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"wider than {width}");
        await Accessibility.ExpectNoViolationsAsync(page);
    }

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
