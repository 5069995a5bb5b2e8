namespace Anthane.Demo.Apps;

/// <summary>
/// Serves a browser app: one page, one script, one stylesheet, one icon and its settings. All of them are constants;
/// signing in and every call happen between the browser, the SSO and the gateway.
/// </summary>
internal static class BrowserApp
{
    public static WebApplication Build(BrowserAppOptions options, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Anthane.Demo",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Development,
        });
        configure(builder);

        var app = builder.Build();
        app.Use((context, next) =>
        {
            SetHeaders(context.Response.Headers, options);
            return next(context);
        });
        var page = Read($"{options.ClientId}/index.html");
        foreach (var path in new[] { "/", "/callback" })
        {
            app.MapGet(path, () => Results.Bytes(page, "text/html; charset=utf-8"));
        }

        Serve(app, "/icon.svg", $"{options.ClientId}/icon.svg", "image/svg+xml");
        Serve(app, "/app.css", "shared/app.css", "text/css; charset=utf-8");
        Serve(app, "/app.js", "shared/app.js", "text/javascript; charset=utf-8");
        app.MapGet("/config.json", () => options);
        return app;
    }

    private static void SetHeaders(IHeaderDictionary headers, BrowserAppOptions options)
    {
        // No inline script, no other origin's script: this is what keeps a stranger's code away from the tokens.
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
            + $"frame-ancestors 'none'; connect-src 'self' {options.Authority} {options.Gateway}";
        headers.XContentTypeOptions = "nosniff";
        // The address of the callback holds a code until the script has removed it.
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
    }

    private static void Serve(WebApplication app, string path, string resource, string type)
    {
        var bytes = Read(resource);
        app.MapGet(path, () => Results.Bytes(bytes, type));
    }

    /// <summary>A file of the apps, as it is inside the assembly.</summary>
    public static byte[] Read(string resource)
    {
        using var stream = typeof(BrowserApp).Assembly.GetManifestResourceStream("pages/" + resource)
            ?? throw new InvalidOperationException($"The page {resource} is not in the assembly.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
