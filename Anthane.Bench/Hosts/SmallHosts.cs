using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
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

/// <summary>An issuer's discovery and keys, and how often the keys were asked for.</summary>
internal static class IssuerHost
{
    public static WebApplication Build(string[] args)
    {
        var app = WebApplication.CreateSlimBuilder(args).Build();
        var address = app.Configuration["urls"]!;
        using var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(app.Configuration["Key"]!));
        var numbers = key.ExportParameters(includePrivateParameters: false);
        var keys = $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{app.Configuration["Kid"]}}","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"{{Base64Url.EncodeToString(numbers.Exponent)}}"}]}""";
        var fetches = 0;
        app.MapGet("/.well-known/openid-configuration", () => Results.Text($$"""{"issuer":"{{address}}","jwks_uri":"{{address}}/jwks"}""", "application/json"));
        app.MapGet("/jwks", () =>
        {
            Interlocked.Increment(ref fetches);
            return Results.Text(keys, "application/json");
        });
        app.MapGet("/fetches", () => Volatile.Read(ref fetches));
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

/// <summary>The least that a token endpoint on ASP.NET Core can do: read the form, compare the secret, sign, answer.</summary>
internal static class FloorHost
{
    public static WebApplication Build(string[] args)
    {
        var app = WebApplication.CreateSlimBuilder(args).Build();
        var key = RSA.Create(2048);
        var secret = SHA256.HashData("orders-worker-development-secret-0001"u8);
        var header = Base64Url.EncodeToString("""{"alg":"RS256","typ":"at+jwt","kid":"floor"}"""u8);
        app.MapGet("/", () => "ready");
        app.MapPost("/", async http =>
        {
            var form = await http.Request.ReadFormAsync();
            if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(form["client_secret"].ToString())), secret))
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            var claims = $$"""{"iss":"http://localhost","sub":"{{form["client_id"]}}","client_id":"{{form["client_id"]}}","aud":"https://orders.anthane.test","scope":"orders.read","exp":{{DateTimeOffset.MaxValue.ToUnixTimeSeconds()}}}""";
            var input = $"{header}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
            var signature = key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            var answer = Encoding.ASCII.GetBytes($$"""{"access_token":"{{input}}.{{Base64Url.EncodeToString(signature)}}","token_type":"Bearer","expires_in":300}""");
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = answer.Length;
            await http.Response.Body.WriteAsync(answer);
        });
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
