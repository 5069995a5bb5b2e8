using System.Net;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Tokens;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Discovery;

/// <summary>A signing key's life by the clock: announced, used, retired and published, for hints alone, gone.</summary>
public sealed class KeyLifeTests : IAsyncLifetime
{
    private SsoServer server = null!;

    public async ValueTask InitializeAsync() => server = await SsoServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task KD_07_KD_08_a_key_is_announced_used_retired_kept_for_hints_and_removed()
    {
        var flow = await server.SignedInAsync();
        var first = await KidAsync();
        var announced = await JwksAsync();
        Assert.Equal(2, announced.Count);
        var hint = (await flow.TokensAsync()).IdToken;

        await PassAsync(TimeSpan.FromDays(90) - TimeSpan.FromMinutes(1));
        Assert.Equal(first, await KidAsync());
        await flow.SignInQuicklyAsync();
        var last = (await flow.TokensAsync()).AccessToken;

        await PassAsync(TimeSpan.FromMinutes(1));
        var second = await KidAsync();
        Assert.NotEqual(first, second);
        Assert.Contains(second, announced);
        Assert.Equal(3, (await JwksAsync()).Count);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(last)).Status);

        await PassAsync(TimeSpan.FromHours(25) - TimeSpan.FromSeconds(1));
        Assert.Contains(first, await JwksAsync());
        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(first, await JwksAsync());
        Assert.NotNull(await server.Get<TokenReader>().ReadHintAsync(hint));
        Assert.Null(await server.Get<KeyRing>().FindAsync(first, forHint: false));

        await PassAsync(TimeSpan.FromDays(400));
        Assert.Null(await server.Get<TokenReader>().ReadHintAsync(hint));
        Assert.DoesNotContain(await RowsAsync(), key => key.Kid == first);
    }

    [Fact]
    public async Task KD_07_a_key_that_is_not_yet_announced_for_seven_days_is_not_used_though_one_is_due()
    {
        var first = await KidAsync();
        await PassAsync(TimeSpan.FromDays(89));
        await server.Get<StorageWriter>().WriteAsync(db => db.ExecuteAsync("""DELETE FROM "SigningKeys" WHERE "Slot" = 'RS256:next'"""));
        await PassAsync(TimeSpan.FromDays(1));
        var late = (await JwksAsync()).Except([first]).Single();
        await PassAsync(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(first, await KidAsync());
        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(late, await KidAsync());
    }

    [Fact]
    public async Task OP_09_a_clock_that_is_set_back_turns_no_key_over_twice()
    {
        await PassAsync(TimeSpan.FromDays(90));
        var second = await KidAsync();
        await PassAsync(TimeSpan.FromHours(1));
        await server.Get<KeyRotation>().RunAsync();
        Assert.Equal(second, await KidAsync());
        Assert.Equal(3, (await RowsAsync()).Count);
    }

    private async Task PassAsync(TimeSpan time)
    {
        server.Clock.Leap(time);
        await server.Get<KeyRotation>().RunAsync();
    }

    /// <summary>Which key signs now.</summary>
    private async Task<string> KidAsync() =>
        JsonAnswer.HeaderOf((await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken).GetProperty("kid").GetString()!;

    private async Task<List<string>> JwksAsync() =>
        (await server.GetJsonAsync("/.well-known/jwks.json")).Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!).ToList();

    private async Task<List<SigningKey>> RowsAsync()
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<SigningKey>().ToListAsync(TestContext.Current.CancellationToken);
    }
}
