using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Sso.Tests.Protocol.Logout;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Pages;

/// <summary>Signing out everywhere and what became of sign-out messages, in a real browser.</summary>
public sealed class SignOutPagesInChromiumTests(Chromium chromium) : IAsyncLifetime
{
    private readonly LogoutRun run = new();

    public ValueTask InitializeAsync() => run.InitializeAsync();

    public ValueTask DisposeAsync() => run.DisposeAsync();

    [Theory]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task The_pages_fit_and_pass_axe_and_sign_out_everywhere_works(int width, ColorScheme scheme)
    {
        var app = await run.AppAsync("/down");
        await SignedOutAsync(app, HttpStatusCode.OK, LogoutMessageState.Delivered);
        await SignedOutAsync(app, HttpStatusCode.BadRequest, LogoutMessageState.Refused);
        await SignedOutAsync(app, HttpStatusCode.ServiceUnavailable, LogoutMessageState.Waiting);
        var alice = await run.Server.SubjectIdAsync(Person.Alice);
        await run.Server.SignedInAsync(app);
        var admin = await run.Server.SignedInAsync(OidcApp.Notes, Person.Admin);

        var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        await context.AddCookiesAsync([new() { Name = "anthane-session", Value = admin.Browser.Cookies["anthane-session"], Url = run.Server.Address.ToString() }]);
        var page = await context.NewPageAsync();
        foreach (var address in new[] { "", $"admin/clients/edit?id={app.ClientId}", $"admin/clients/revoke?id={app.ClientId}", $"admin/people/edit?id={alice}", $"admin/people/sign-out?id={alice}" })
        {
            await page.GotoAsync(run.Server.Address + address);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"/{address} is wider than {width}.");
            await Accessibility.ExpectNoViolationsAsync(page);
        }

        await page.FillAsync("#typed", Person.Alice.UserName);
        await page.ClickAsync("#confirm");
        await page.WaitForSelectorAsync(".notice.good:has-text('signed out everywhere')");
        await page.GotoAsync(run.Server.Address.ToString());
        await page.ClickAsync("#sign-out-everywhere");
        await page.WaitForSelectorAsync("h1:has-text('You are signed out')");
    }

    private async Task SignedOutAsync(OidcApp app, HttpStatusCode answer, LogoutMessageState state)
    {
        run.Receiver.Answers["/down"] = answer;
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        await Until.TrueAsync(async () => (await run.Server.Get<LogoutStatus>().ListAsync(app.ClientId, 10)).Any(status => status.State == state && status.Attempts == 1), $"a message that is {state}");
        run.Server.Clock.Advance(TimeSpan.FromMilliseconds(1));
    }
}
