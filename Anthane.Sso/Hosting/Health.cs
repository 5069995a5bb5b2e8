using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Hosting;

/// <summary>Whether the process lives, and whether it should get requests: it should not while its database is away (OP-08).</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n"));
        app.MapGet("/health/ready", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(IDbContextFactory<SsoDb> databases, ILogger<SsoDb> logger, CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(Patience);
        try
        {
            await using var db = databases.CreateDbContext();
            await db.Database.ExecuteSqlAsync($"SELECT 1", patience.Token);
            return Results.Text("ready\n");
        }
        catch (Exception e) when (!aborted.IsCancellationRequested)
        {
            logger.LogWarning(e, "Not ready: the database does not answer.");
            return Results.Text("the database does not answer\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
