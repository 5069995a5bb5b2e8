using Anthane.Oidc.Data;
using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>Takes away what is over: windows of attempts, links, and accounts whose address nobody confirmed within a week.</summary>
internal sealed class AccountSweeper(StorageWriter writer, TimeProvider clock, ILogger<AccountSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan UnconfirmedLifetime = TimeSpan.FromDays(7);

    public Task SweepAsync() => writer.WriteAsync(async context =>
    {
        var db = (SsoDb)context.Context;
        var now = clock.GetUtcNow();
        var weekAgo = now - UnconfirmedLifetime;
        await db.AttemptCounters.Where(counter => counter.WindowEndsAt <= now).ExecuteDeleteAsync();
        await db.AccountLinks.Where(link => link.ExpiresAt <= now).ExecuteDeleteAsync();
        // One that an admin made has no password yet, and stays.
        await db.Users
            .Where(user => !user.EmailConfirmed && user.PasswordHash != null && user.LastSignInAt == null && user.CreatedAt <= weekAgo)
            .ExecuteDeleteAsync();
    });

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Housekeeping.RunAsync("Sweeping accounts", Round, SweepAsync, clock, logger, stoppingToken);
}
