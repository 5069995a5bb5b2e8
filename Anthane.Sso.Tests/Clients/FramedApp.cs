using System.Net;
using Anthane.Sso.Tests.Architecture;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Clients;

/// <summary>
/// Serves the static app of <c>Clients/browser</c> with the browser build of oidc-client-ts, at 127.0.0.1. The SSO is at localhost,
/// and to a browser that is another site: neither name has a registrable domain, so the hosts themselves are compared, and
/// they differ (so do the schemes). Ports and the shared loopback interface do not count. Both are secure contexts, which
/// the library needs for its hashes.
/// </summary>
internal sealed class FramedApp : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(SourceTree.Root, "Anthane.Sso.Tests", "Clients");
    private readonly WebApplication app;

    private FramedApp(WebApplication app, int port) => (this.app, Address) = (app, $"http://127.0.0.1:{port}");

    /// <summary>Without a trailing slash.</summary>
    public string Address { get; }

    /// <summary>What the library is told: the server, the client and what to ask for. It may be set until the first page is loaded.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; set; } = new Dictionary<string, string>();

    public static async Task<FramedApp> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var port = FreePorts.Take(1)[0];
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var served = new FramedApp(builder.Build(), port);
        served.app.Run(served.AnswerAsync);
        await served.app.StartAsync(TestContext.Current.CancellationToken);
        return served;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext http) => http.Request.Path.Value switch
    {
        "/" or "/callback" or "/signed-out" => FileAsync(http, "text/html; charset=utf-8", "browser", "index.html"),
        "/app.js" => FileAsync(http, "text/javascript; charset=utf-8", "browser", "app.js"),
        "/oidc-client-ts.min.js" => FileAsync(http, "text/javascript; charset=utf-8", "node", "node_modules", "oidc-client-ts", "dist", "browser", "oidc-client-ts.min.js"),
        "/settings.json" => http.Response.WriteAsJsonAsync(Settings, http.RequestAborted),
        _ => Task.FromResult(http.Response.StatusCode = StatusCodes.Status404NotFound),
    };

    private static Task FileAsync(HttpContext http, string type, params string[] path)
    {
        http.Response.ContentType = type;
        return http.Response.SendFileAsync(Path.Combine([Folder, .. path]), http.RequestAborted);
    }
}
