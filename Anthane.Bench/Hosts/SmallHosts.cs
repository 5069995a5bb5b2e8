using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Yarp.ReverseProxy.Forwarder;

namespace Anthane.Bench.Hosts;

/// <summary>A bare Kestrel that answers a few bytes.</summary>
internal static class HelloHost
{
    public static WebApplication Build(string[] args)
    {
        var app = WebApplication.CreateSlimBuilder(args).Build();
        var body = "hello"u8.ToArray();
        app.Run(http =>
        {
            http.Response.ContentLength = body.Length;
            http.Response.ContentType = "text/plain";
            return http.Response.Body.WriteAsync(body).AsTask();
        });
        return app;
    }
}

/// <summary>An internal service: one kilobyte of JSON, whatever is asked.</summary>
internal static class UpstreamHost
{
    public static WebApplication Build(string[] args)
    {
        var app = WebApplication.CreateSlimBuilder(args).Build();
        var body = Encoding.UTF8.GetBytes($$"""{"orders":"{{new string('x', 1000)}}"}""");
        app.Run(http =>
        {
            http.Response.ContentLength = body.Length;
            http.Response.ContentType = "application/json";
            return http.Response.Body.WriteAsync(body).AsTask();
        });
        return app;
    }
}

/// <summary>The forwarder that the gateway stands on, with nothing around it.</summary>
internal static class ForwarderHost
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        var upstream = app.Configuration["Upstream"]!;
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        });
        app.Run(async http => await forwarder.SendAsync(http, upstream, client, ForwarderRequestConfig.Empty, HttpTransformer.Empty));
        return app;
    }
}

/// <summary>Razor, Identity and EF Core on SQLite, and nothing else: what the server cannot start faster than.</summary>
internal static class BareHost
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddRazorPages();
        builder.Services.AddDbContext<BareDb>(options => options.UseSqlite(builder.Configuration["Database"]));
        builder.Services.AddIdentity<IdentityUser, IdentityRole>().AddEntityFrameworkStores<BareDb>();
        var app = builder.Build();
        using (var scope = app.Services.CreateScope())
        {
            scope.ServiceProvider.GetRequiredService<BareDb>().Database.EnsureCreated();
        }

        app.UseAuthentication();
        app.UseAuthorization();
        app.MapRazorPages();
        app.MapGet("/first", async (BareDb db) => await db.Users.CountAsync() >= 0 ? "ok" : "never");
        return app;
    }

    private sealed class BareDb(DbContextOptions<BareDb> options) : IdentityDbContext<IdentityUser>(options);
}
