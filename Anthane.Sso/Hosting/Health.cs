using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Hosting;

/// <summary>Whether the process lives, and whether it should get requests: it should not while its database is away (OP-08).</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>As plain request delegates: binding parameters to handlers loads form mapping and more at every start.</summary>
    public static void MapHealth(this WebApplication app)
    {
        RequestDelegate live = http => AnswerAsync(http, StatusCodes.Status200OK, "live\n");
        RequestDelegate ready = ReadyAsync;
        app.MapGet("/health/live", live);
        app.MapGet("/health/ready", ready);
    }

    private static async Task ReadyAsync(HttpContext http)
    {
        var services = http.RequestServices;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            await using var db = services.GetRequiredService<IDbContextFactory<SsoDb>>().CreateDbContext();
            await db.Database.ExecuteSqlAsync($"SELECT 1", patience.Token);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            services.GetRequiredService<ILogger<SsoDb>>().LogWarning(e, "Not ready: the database does not answer.");
            await AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, "the database does not answer\n");
            return;
        }

        await AnswerAsync(http, StatusCodes.Status200OK, "ready\n");
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
