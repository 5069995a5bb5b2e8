using System.Net;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Revocations;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Operations;

/// <summary>What nobody can need any more goes, in small batches, and nothing else.</summary>
public sealed class SweeperTests : IAsyncLifetime
{
    private SsoServer server = null!;

    public async ValueTask InitializeAsync() => server = await SsoServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task OP_14_sign_ins_that_strangers_start_and_leave_are_gone_after_their_time()
    {
        var starts = Math.Max(600, Rounds.Of(20_000));
        var flow = new OidcFlow(server, OidcApp.Notes);
        for (var i = 0; i < starts; i += 50)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.GetAsync(flow.AuthorizeUrl())));
        }

        Assert.Equal(starts, await CountAsync<PendingAuthorization>());
        server.Clock.Leap(TimeSpan.FromHours(1));
        await server.Get<Sweeper>().SweepAsync();
        Assert.Equal(0, await CountAsync<PendingAuthorization>());
    }

    [Fact]
    public async Task Expired_grants_codes_and_families_go_and_live_ones_stay()
    {
        var flow = await server.SignedInAsync();
        await flow.TokensAsync();
        await flow.AnswerAsync();
        server.Clock.Leap(TimeSpan.FromHours(23));
        await flow.SignInQuicklyAsync();
        var live = (await flow.TokensAsync()).RefreshToken;
        server.Clock.Leap(TimeSpan.FromHours(2));
        await server.Get<Sweeper>().SweepAsync();
        Assert.Equal(1, await CountAsync<GrantRecord>());
        Assert.Equal(1, await CountAsync<RefreshFamily>());
        Assert.Equal(1, await CountAsync<AuthorizationCode>());
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(live)).Status);
    }

    [Fact]
    public async Task Numbers_of_revocations_never_start_again()
    {
        var flow = await server.SignedInAsync();
        for (var i = 0; i < 3; i++)
        {
            await flow.PostAsync("/connect/revoke", [("token", (await flow.TokensAsync()).RefreshToken)]);
        }

        server.Clock.Leap(TimeSpan.FromDays(30));
        await server.Get<Sweeper>().SweepAsync();
        Assert.Equal([3L], await SequenceAsync());
        await flow.SignInQuicklyAsync();
        await flow.PostAsync("/connect/revoke", [("token", (await flow.TokensAsync()).RefreshToken)]);
        Assert.Equal([3L, 4L], await SequenceAsync());
    }

    private async Task<int> CountAsync<TRow>()
        where TRow : class
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<TRow>().CountAsync(TestContext.Current.CancellationToken);
    }

    private async Task<List<long>> SequenceAsync()
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<Revocation>().Select(row => row.Seq).Order().ToListAsync(TestContext.Current.CancellationToken);
    }
}
