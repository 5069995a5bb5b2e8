using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>A service on a real server, for protocols that are more than bytes: HTTP/2, WebSockets, gRPC.</summary>
public sealed class KestrelService : IAsyncDisposable
{
    private readonly WebApplication app;

    private KestrelService(WebApplication app) => this.app = app;

    /// <summary>The headers of each request, as the service saw them.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Seen { get; } = new();

    public Dictionary<string, string> Last => Seen.Last();

    public int Port => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public static async Task<KestrelService> StartAsync(HttpProtocols protocols, Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
        });
        var app = builder.Build();
        var service = new KestrelService(app);
        app.UseWebSockets();
        app.Run(context =>
        {
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            headers["(protocol)"] = context.Request.Protocol;
            service.Seen.Enqueue(headers);
            return answer(context);
        });
        await app.StartAsync();
        return service;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
