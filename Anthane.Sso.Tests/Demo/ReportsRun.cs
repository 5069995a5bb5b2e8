using System.Net.Http.Json;
using System.Text;
using AngleSharp.Html.Dom;
using Anthane.Demo;
using Anthane.Oidc.Keys;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Demo;

/// <summary>The whole demo on one clock that the test moves, what Reports logs, and the key that the SSO signs with.</summary>
public sealed class ReportsRun : IAsyncLifetime
{
    private IServiceProvider sso = null!;

    public FakeClock Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public CapturedLog Log { get; } = new();

    internal DemoAddresses At => Demo.At;

    private RunningDemo Demo { get; set; } = null!;

    public async ValueTask InitializeAsync() => Demo = await RunningDemo.StartAsync(Configure);

    public ValueTask DisposeAsync() => Demo.DisposeAsync();

    /// <summary>A token that carries the SSO's own signature, whatever is in it.</summary>
    public ValueTask<string> SignAsync(string payload, string type) => sso.GetRequiredService<KeyRing>().SignAsync(Encoding.UTF8.GetBytes(payload), type, SigningAlgorithms.Rs256);

    public async Task PlaceOrderAsync(string subject, string item, int quantity)
    {
        using var api = new HttpClient { BaseAddress = new Uri(At.Orders) };
        api.DefaultRequestHeaders.Add("x-jwt-sub", Uri.EscapeDataString(subject));
        using var placed = await api.PostAsJsonAsync("/orders", new { item, quantity }, TestContext.Current.CancellationToken);
        placed.EnsureSuccessStatusCode();
    }

    /// <summary>Somebody at a browser of their own.</summary>
    public ReportsVisitor Visitor() => new(this);

    private void Configure(DemoPart part, WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TimeProvider>(Clock);
        if (part == DemoPart.Sso)
        {
            builder.Services.AddHostedService(services => new Captured(() => sso = services));
        }
        else if (part == DemoPart.Reports)
        {
            builder.Services.AddSingleton<ILoggerProvider>(Log);
        }
    }

    private sealed class Captured(Action capture) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            capture();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Somebody who uses Reports, at a browser that shares its cookies over all ports of localhost, as browsers do.</summary>
public sealed class ReportsVisitor(ReportsRun run) : IDisposable
{
    public TestBrowser Browser { get; } = new(new Uri(run.At.Sso));

    public Person Person { get; set; } = Person.Alice;

    public async Task<IHtmlDocument> HomeAsync() => await Browser.PageAsync(run.At.Reports + "/");

    public async Task<bool> IsSignedInAsync() => (await HomeAsync()).QuerySelector("#app") is not null;

    /// <summary>Presses "Sign in" and walks until the SSO's page posts the answer to Reports.</summary>
    public async Task<(Uri Asked, HttpResponseMessage Posting)> ToTheAnswerAsync()
    {
        var asked = (await Browser.PostAsync(run.At.Reports + "/sign-in")).Headers.Location!;
        var shown = await Browser.FollowAsync(await Browser.GetAsync(asked.ToString()));
        if ((await TestBrowser.ReadAsync(shown)).QuerySelector("#login") is not null)
        {
            shown = await Browser.FollowAsync(await Browser.ClickAsync(shown, "#login", ("Username", Person.UserName), ("Password", Person.Password)));
        }

        return (asked, shown);
    }

    /// <summary>Posts the answer as from another site: without a cookie. Gives the address where Reports goes on.</summary>
    public static async Task<HttpResponseMessage> PostAnswerAsync(HttpResponseMessage posting)
    {
        using var withoutCookies = new TestBrowser(posting.RequestMessage!.RequestUri!);
        return await withoutCookies.ClickAsync(posting, "button");
    }

    /// <summary>The whole way, to the answer that gives the cookie.</summary>
    public async Task<HttpResponseMessage> SignInAsync()
    {
        var (_, posting) = await ToTheAnswerAsync();
        var posted = await PostAnswerAsync(posting);
        return await Browser.GetAsync(run.At.Reports + posted.Headers.Location);
    }

    public void Dispose() => Browser.Dispose();
}
