using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.FileProviders;

namespace Anthane.Sso.Hosting;

/// <summary>What a request passes on its way in, in this order.</summary>
internal static class Pipeline
{
    private static readonly string[] Protocol = ["/connect", "/.well-known", "/health"];

    public static void UseSso(this WebApplication app, SsoSettings settings)
    {
        if (settings.CertificateProxies.Count > 0)
        {
            app.UseMiddleware<ForwardedCertificates>();
        }

        if (settings.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }

        app.UseSupportId();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandlingPath = "/error", AllowStatusCode404Response = true });
        app.UseWhen(IsForPeople, pages =>
        {
            pages.UseStatusCodePagesWithReExecute("/error");
            pages.UseWhen(IsForeignPost, refused => refused.Run(http =>
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                return Task.CompletedTask;
            }));
            UseEmbeddedFiles(pages, app.Environment);
        });
        app.UseRouting();
        app.UsePlainHttpRefusal(settings);

        // Programs have no session, and the protocol's endpoints look for what they need themselves. Without these two marks
        // the host would put both steps before all others, for every request.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseWhen(IsForPeople, pages =>
        {
            pages.UseWhen(RateLimits.Apply, limited => limited.UseRateLimiter());
            pages.UseAuthentication();
            pages.UseAuthorization();
        });
    }

    /// <summary>Endpoints that answer programs, which an HTML page would only confuse. What /connect/authorize shows is a page.</summary>
    public static bool IsForMachines(HttpContext http) =>
        IsProtocol(http.Request.Path)
        && !http.Request.Path.StartsWithSegments("/connect/authorize", StringComparison.OrdinalIgnoreCase)
        && !http.Request.Path.StartsWithSegments("/connect/endsession", StringComparison.OrdinalIgnoreCase);

    private static bool IsForPeople(HttpContext http) => !IsForMachines(http);

    /// <summary>In any case, as routing has it: or an endpoint of the protocol would be judged as a page under its name in capitals.</summary>
    public static bool IsProtocol(PathString path) => Protocol.Any(start => path.StartsWithSegments(start, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether this is the page that tells of a refusal: the refused request once more, which was counted and judged already.</summary>
    public static bool IsErrorPage(HttpContext http) =>
        http.Features.Get<IStatusCodeReExecuteFeature>() is not null || http.Features.Get<IExceptionHandlerFeature>() is not null;

    /// <summary>
    /// A form of ours that another site sends, as the browser itself says (AZ-38). The protocol's endpoints do take posts from
    /// elsewhere.
    /// </summary>
    private static bool IsForeignPost(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method)
        && http.Request.Headers["Sec-Fetch-Site"] == "cross-site"
        && !IsProtocol(http.Request.Path)
        && !IsErrorPage(http);

    /// <summary>Style, script and mark travel inside the assembly, so that they are there whoever hosts it.</summary>
    private static void UseEmbeddedFiles(IApplicationBuilder app, IWebHostEnvironment environment)
    {
        var files = new EmbeddedFileProvider(typeof(SsoHost).Assembly, "Anthane.Sso.wwwroot");
        environment.WebRootFileProvider = files;
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = context =>
            {
                // Pages name these files with a hash of their content.
                var forever = context.Context.Request.Query.ContainsKey("v");
                context.Context.Response.Headers.CacheControl = forever ? "public, max-age=31536000, immutable" : "public, max-age=3600";
            },
        });
    }
}
