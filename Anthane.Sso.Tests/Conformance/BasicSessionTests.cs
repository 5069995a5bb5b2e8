using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>oidcc-basic: prompt, max_age and id_token_hint, which are about who is signed in and since when.</summary>
public abstract class BasicSessionSuite(ConformanceRun run)
{
    [Fact]
    public async Task oidcc_prompt_login()
    {
        var flow = run.Flow();
        var (first, _) = await run.RunAsync(flow);
        run.Server.Clock.Advance(TimeSpan.FromSeconds(1));
        flow.Seen.Clear();
        var (second, _) = await run.RunAsync(flow, ("prompt", "login"));
        Assert.Equal(["/account/login"], flow.Seen);
        Assert.True(second.GetProperty("auth_time").GetInt64() > first.GetProperty("auth_time").GetInt64());
    }

    [Fact]
    public async Task oidcc_prompt_none_not_logged_in()
    {
        var flow = run.Flow();
        run.ExpectError(flow, await flow.AnswerAsync(("prompt", "none"), ("state", ConformanceRun.StateOf(128))), "login_required");
    }

    [Fact]
    public async Task oidcc_prompt_none_logged_in()
    {
        var flow = run.Flow();
        var (first, _) = await run.RunAsync(flow);
        await ExpectSilentAsync(flow, first, ("prompt", "none"));
    }

    [Fact]
    public async Task oidcc_max_age_1()
    {
        var flow = run.Flow();
        var (first, _) = await run.RunAsync(flow);
        run.Server.Clock.Advance(TimeSpan.FromSeconds(2));
        flow.Seen.Clear();
        var (second, _) = await run.RunAsync(flow, ("max_age", "1"));
        Assert.Equal(["/account/login"], flow.Seen);
        Assert.True(second.GetProperty("auth_time").GetInt64() > first.GetProperty("auth_time").GetInt64());
        Assert.InRange(second.GetProperty("auth_time").GetInt64(), run.Now() - 1, run.Now());
    }

    [Fact]
    public async Task oidcc_max_age_10000()
    {
        var flow = run.Flow();
        var (first, _) = await run.RunAsync(flow, ("max_age", "15000"));
        run.Server.Clock.Advance(TimeSpan.FromSeconds(2));
        await ExpectSilentAsync(flow, first, ("max_age", "10000"));
    }

    [Fact]
    public async Task oidcc_id_token_hint()
    {
        var flow = run.Flow();
        var (first, tokens) = await run.RunAsync(flow);
        await ExpectSilentAsync(flow, first, ("prompt", "none"), ("id_token_hint", tokens.IdToken));
    }

    private async Task ExpectSilentAsync(OidcFlow flow, System.Text.Json.JsonElement first, params (string Name, string? Value)[] changes)
    {
        flow.Seen.Clear();
        var (second, _) = await run.RunAsync(flow, changes);
        Assert.Empty(flow.Seen);
        Assert.Equal(first.GetProperty("sub").GetString(), second.GetProperty("sub").GetString());
        Assert.Equal(first.GetProperty("auth_time").GetInt64(), second.GetProperty("auth_time").GetInt64());
    }
}

[Collection<ConformanceCollection>]
public sealed class BasicSessionTests(ConformanceRun run) : BasicSessionSuite(run);
