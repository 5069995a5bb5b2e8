using Anthane.Demo.Apps;

namespace Anthane.Demo.Reports;

/// <summary>
/// An app on a server: it keeps its tokens to itself and gives the browser a cookie, so it works without JavaScript, and the
/// sign-in service can tell it that somebody signed out elsewhere. It knows the SSO and the gateway by the standards alone,
/// as an app of another company would.
/// </summary>
internal static class ReportsApp
{
    // A form with a token is a few kilobytes.
    private const int LargestBody = 64 * 1024;

    public static WebApplication Build(ReportsOptions options, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Anthane.Demo",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Development,
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = LargestBody);
        builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System)
            // A redirect of an answer with tokens would take them elsewhere.
            .AddSingleton(_ => new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(10) })
            .AddSingleton<Discovery>().AddSingleton<TokenReader>().AddSingleton<LogoutTokenReader>().AddSingleton<SignInService>().AddSingleton<OrdersClient>()
            .AddSingleton<ReportSessions>().AddSingleton<PendingSignIns>().AddSingleton<ReportCookies>().AddSingleton<ReportPage>()
            .AddSingleton<SignInEndpoints>().AddSingleton<BackchannelLogoutEndpoint>();
        configure(builder);

        var app = builder.Build();
        app.Use((context, next) => AnswerAsync(context, next, options));
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/", (HttpContext http, ReportPage page) => page.HomeAsync(http));
        app.MapPost("/sign-in", (HttpContext http, SignInEndpoints endpoint) => endpoint.StartAsync(http));
        app.MapPost("/callback", (HttpContext http, SignInEndpoints endpoint) => endpoint.ReceiveAsync(http));
        app.MapGet("/callback", (HttpContext http, SignInEndpoints endpoint) => endpoint.FinishAsync(http));
        app.MapPost("/sign-out", (HttpContext http, SignInEndpoints endpoint) => endpoint.SignOutAsync(http));
        app.MapPost("/backchannel-logout", (HttpContext http, BackchannelLogoutEndpoint endpoint) => endpoint.ReceiveAsync(http));
        Serve(app, "/icon.svg", "reports/icon.svg", "image/svg+xml");
        Serve(app, "/app.css", "shared/app.css", "text/css; charset=utf-8");
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next, ReportsOptions options)
    {
        var headers = context.Response.Headers;
        // The two forms here end at the sign-in service by way of a redirect, to which browsers apply form-action too.
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self' {options.Authority}; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // What a person sees, and whether a logout token was taken, belongs in no cache (Back-Channel Logout 1.0 section 2.8).
        headers.CacheControl = "no-store";
        try
        {
            await next(context);
        }
        catch (ReportsException e)
        {
            context.RequestServices.GetRequiredService<ILogger<ReportPage>>().LogWarning("reports: {Reason}", e.Message);
            var status = e.Passes ? StatusCodes.Status502BadGateway : StatusCodes.Status400BadRequest;
            await ReportPage.Welcome(e.Message, status).ExecuteAsync(context);
        }
        catch (InvalidDataException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }

    private static void Serve(WebApplication app, string path, string resource, string type)
    {
        var bytes = BrowserApp.Read(resource);
        app.MapGet(path, () => Results.Bytes(bytes, type));
    }
}
