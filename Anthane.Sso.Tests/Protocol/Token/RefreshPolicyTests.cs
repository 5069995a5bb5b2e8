using System.Net;
using System.Runtime.CompilerServices;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Sessions;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>The refresh policy at the head of the attack book, by a clock that only the test moves.</summary>
public sealed class RefreshPolicyTests : IAsyncLifetime
{
    private SsoServer server = null!;

    public async ValueTask InitializeAsync() => server = await SsoServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task TK_13_a_rotated_token_gives_the_same_successor_for_sixty_seconds_from_the_first_rotation_and_then_ends_the_family()
    {
        var flow = await server.SignedInAsync();
        var first = await flow.TokensAsync(("scope", "openid orders.read"));
        var second = await RefreshAsync(flow, first.RefreshToken);
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Pass(59);
        var again = await RefreshAsync(flow, first.RefreshToken);
        Assert.Equal(second.RefreshToken, again.RefreshToken);
        Pass(1);
        await RefusedAsync(flow, first.RefreshToken);
        await RefusedAsync(flow, second.RefreshToken);
        Assert.False(await server.IsActiveAsync(again.AccessToken));
    }

    [Fact]
    public async Task However_often_a_session_refreshes_it_has_as_many_rows_as_before_and_they_stay_small()
    {
        var flow = await server.SignedInAsync();
        var token = (await RefreshAsync(flow, (await flow.TokensAsync(("scope", "openid orders.read"))).RefreshToken)).RefreshToken;
        var before = await RowsAsync();
        for (var i = Rounds.Of(10_000); i > 0; i--)
        {
            Pass(5);
            token = (await RefreshAsync(flow, token)).RefreshToken;
        }

        Assert.Equal(before, await RowsAsync());
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        Assert.InRange(await db.Database.SqlQuery<int>($"""SELECT MAX(LENGTH("Rotations")) AS "Value" FROM "RefreshFamilies" """).SingleAsync(TestContext.Current.CancellationToken), 1, 1000);
    }

    [Fact]
    public async Task TK_15_an_older_token_inside_its_window_is_refused_once_its_successor_was_used_and_the_family_lives()
    {
        var flow = await server.SignedInAsync();
        var tokens = await RotateAsync(flow, 2);
        await RefusedAsync(flow, tokens[0]);
        var repeated = await RefreshAsync(flow, tokens[1]);
        Assert.Equal(tokens[2], repeated.RefreshToken);
        await RefreshAsync(flow, tokens[2]);
    }

    [Fact]
    public async Task An_older_token_inside_its_window_is_refused_without_harm_however_many_rotations_came_since()
    {
        var flow = await server.SignedInAsync();
        var tokens = await RotateAsync(flow, 6, secondsBetween: 5);
        await RefusedAsync(flow, tokens[0]);
        await RefreshAsync(flow, tokens[^1]);
    }

    [Fact]
    public async Task A_thief_who_refreshes_every_few_seconds_does_not_keep_an_older_token_inside_its_window()
    {
        var flow = await server.SignedInAsync();
        var tokens = await RotateAsync(flow, 14, secondsBetween: 5);
        await RefusedAsync(flow, tokens[0]);
        await RefusedAsync(flow, tokens[^1]);
    }

    [Fact]
    public async Task Reuse_outside_the_window_is_told_to_the_person_the_audit_log_and_the_log_once()
    {
        var flow = await server.SignedInAsync();
        var tokens = await RotateAsync(flow, 1);
        Pass(61);
        await RefusedAsync(flow, tokens[0]);
        await RefusedAsync(flow, tokens[0]);
        await RefusedAsync(flow, tokens[1]);

        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var notice = await db.Set<OutboxMessage>().SingleAsync(message => message.Kind == "security-notice", TestContext.Current.CancellationToken);
        Assert.DoesNotContain(tokens[0], notice.Payload, StringComparison.Ordinal);
        var mail = Assert.Single(await server.MailToAsync(Person.Alice.UserName));
        Assert.Contains("the app \"Notes\" uses your account", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(tokens[0], mail.Text, StringComparison.Ordinal);
        var audit = await server.Get<AuditLog>().ListAsync(null, 500);
        Assert.Single(audit, row => row.Action == "grant.end" && row.Actor == "system");
        Assert.Single(server.Logs, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("was used again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TK_18_a_guessed_or_changed_token_and_another_clients_token_end_nothing()
    {
        var flow = await server.SignedInAsync();
        var photos = await server.SignedInAsync(OidcApp.Photos);
        var tokens = await RotateAsync(flow, 1);
        Pass(120);
        await RefusedAsync(flow, tokens[0][..^2] + (tokens[0][^2] == 'A' ? "BA" : "AA"));
        await RefusedAsync(flow, tokens[0] + "A");
        await RefusedAsync(flow, new string('A', tokens[0].Length));
        await RefusedAsync(photos, tokens[0]);
        await RefusedAsync(photos, tokens[1]);
        await RefreshAsync(flow, tokens[1]);
        Assert.Contains(server.Logs, line => line.Contains("belongs to another client, notes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_grace_of_zero_forgives_nothing_and_one_of_120_seconds_twice_as_much()
    {
        var none = await server.SignedInAsync(await NativeAsync(client => client.RefreshGraceSeconds = 0));
        var tokens = await RotateAsync(none, 1);
        await RefusedAsync(none, tokens[0]);
        await RefusedAsync(none, tokens[1]);

        var twice = await server.SignedInAsync(await NativeAsync(client => client.RefreshGraceSeconds = 120));
        tokens = await RotateAsync(twice, 1);
        Pass(119);
        Assert.Equal(tokens[1], (await RefreshAsync(twice, tokens[0])).RefreshToken);
    }

    [Fact]
    public async Task A_confidential_client_keeps_its_token_unless_a_rule_makes_it_rotate()
    {
        var web = await server.SignedInAsync(await WebAsync());
        var kept = (await web.TokensAsync()).RefreshToken;
        for (var i = 0; i < 3; i++)
        {
            Pass(600);
            Assert.Equal(kept, (await RefreshAsync(web, kept)).RefreshToken);
        }

        var rotating = await server.SignedInAsync(await WebAsync(client => client.Rules.Add(ClientRule.RotateRefreshTokens)));
        var tokens = await RotateAsync(rotating, 1);
        Pass(61);
        await RefusedAsync(rotating, tokens[0]);
        await RefusedAsync(rotating, tokens[1]);
    }

    [Fact]
    public async Task TK_21_a_browser_apps_family_dies_after_24_hours_however_often_it_is_refreshed()
    {
        var flow = await server.SignedInAsync();
        var token = (await flow.TokensAsync(("scope", "openid offline_access"))).RefreshToken;
        for (var i = 0; i < 40; i++)
        {
            Pass(36 * 60 - 1);
            token = (await RefreshAsync(flow, token)).RefreshToken;
        }

        Pass(41);
        await RefusedAsync(flow, token);
    }

    [Fact]
    public async Task TK_21_other_families_die_after_14_idle_days_or_30_in_all()
    {
        foreach (var app in new[] { await NativeAsync(), await WebAsync() })
        {
            var flow = await server.SignedInAsync(app);
            var idle = (await flow.TokensAsync(("scope", "openid offline_access"))).RefreshToken;
            var used = (await flow.TokensAsync(("scope", "openid offline_access"))).RefreshToken;
            Days(14);
            await RefusedAsync(flow, idle);

            await flow.SignInQuicklyAsync();
            used = (await flow.TokensAsync(("scope", "openid offline_access"))).RefreshToken;
            for (var i = 0; i < 2; i++)
            {
                Days(13);
                used = (await RefreshAsync(flow, used)).RefreshToken;
            }

            Days(4);
            await RefusedAsync(flow, used);
        }
    }

    [Fact]
    public async Task A_token_bound_to_the_session_ends_with_it_and_only_offline_access_outlives_it()
    {
        foreach (var app in new[] { OidcApp.Notes, await WebAsync() })
        {
            var flow = new OidcFlow(server, app);
            var session = await flow.SignInQuicklyAsync();
            var bound = await flow.TokensAsync(("scope", "openid orders.read"));
            var offline = await flow.TokensAsync(("scope", "openid orders.read offline_access"));
            Assert.Equal(session.Sid, JsonAnswer.PayloadOf(bound.AccessToken).GetProperty("sid").GetString());
            Assert.False(JsonAnswer.PayloadOf(offline.AccessToken).TryGetProperty("sid", out _));

            await server.Get<SessionAdmin>().EndAsync(session.SubjectId, session.Sid, "signed out");
            await RefusedAsync(flow, bound.RefreshToken);
            Assert.False(await server.IsActiveAsync(bound.AccessToken));
            Assert.True(await server.IsActiveAsync(offline.AccessToken));
            await RefreshAsync(flow, offline.RefreshToken);
        }
    }

    [Fact]
    public async Task Refreshing_keeps_the_session_from_idling_out_but_not_from_its_absolute_end()
    {
        // A family whose idle end never moves must move the session's all the same.
        foreach (var app in new[] { OidcApp.Notes, await WebAsync(), await WebAsync(client => client.RefreshAbsoluteSeconds = 40 * 3600) })
        {
            var flow = await server.SignedInAsync(app);
            var used = (await flow.TokensAsync()).RefreshToken;
            for (var i = 0; i < 3; i++)
            {
                Pass(7 * 3600);
                used = (await RefreshAsync(flow, used)).RefreshToken;
            }

            Pass(4 * 3600);
            await RefusedAsync(flow, used);

            await flow.SignInQuicklyAsync();
            var unused = (await flow.TokensAsync()).RefreshToken;
            Pass(8 * 3600);
            await RefusedAsync(flow, unused);
        }
    }

    [Fact]
    public async Task A_refresh_touches_the_session_at_most_once_a_minute()
    {
        var flow = new OidcFlow(server, OidcApp.Notes);
        var session = await flow.SignInQuicklyAsync();
        var token = (await flow.TokensAsync()).RefreshToken;
        Pass(59);
        token = (await RefreshAsync(flow, token)).RefreshToken;
        Assert.Equal(session.LastSeenAt, await LastSeenAsync(session));
        Pass(1);
        await RefreshAsync(flow, token);
        Assert.Equal(server.Clock.GetUtcNow(), await LastSeenAsync(session));
    }

    [Fact]
    public async Task A_refreshed_ID_token_keeps_who_and_when_and_has_no_nonce()
    {
        var flow = await server.SignedInAsync();
        var first = await flow.TokensAsync();
        Pass(200);
        var second = await RefreshAsync(flow, first.RefreshToken);
        var (before, after) = (JsonAnswer.PayloadOf(first.IdToken), JsonAnswer.PayloadOf(second.IdToken));
        foreach (var kept in new[] { "iss", "sub", "aud", "auth_time", "acr", "sid" })
        {
            Assert.Equal(before.GetProperty(kept).ToString(), after.GetProperty(kept).ToString());
        }

        Assert.True(before.TryGetProperty("nonce", out _));
        Assert.False(after.TryGetProperty("nonce", out _));
        Assert.Equal(200, after.GetProperty("iat").GetInt64() - before.GetProperty("iat").GetInt64());
    }

    /// <summary>Each table with the number of its rows.</summary>
    private async Task<string> RowsAsync()
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var tables = db.Model.GetEntityTypes().Select(type => type.GetTableName()!).Distinct().Order(StringComparer.Ordinal);
        var query = FormattableStringFactory.Create(string.Join(" UNION ALL ", tables.Select(table => $"""SELECT '{table} ' || COUNT(*) AS "Value" FROM "{table}" """)));
        return string.Join(", ", await db.Database.SqlQuery<string>(query).ToListAsync(TestContext.Current.CancellationToken));
    }

    private void Pass(int seconds) => server.Clock.Leap(TimeSpan.FromSeconds(seconds));

    private void Days(int days) => server.Clock.Leap(TimeSpan.FromDays(days));

    private static async Task<JsonAnswer> RefreshAsync(OidcFlow flow, string token)
    {
        var answer = await flow.RefreshAsync(token);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString());
        return answer;
    }

    private static async Task RefusedAsync(OidcFlow flow, string token)
    {
        var answer = await flow.RefreshAsync(token);
        Assert.True(answer is { Status: HttpStatusCode.BadRequest, Error: "invalid_grant" }, answer.Body.ToString());
    }

    /// <summary>A line of refresh tokens, the first that was issued and so many successors.</summary>
    private async Task<string[]> RotateAsync(OidcFlow flow, int times, int secondsBetween = 0)
    {
        var tokens = new List<string> { (await flow.TokensAsync()).RefreshToken };
        for (var i = 0; i < times; i++)
        {
            tokens.Add((await RefreshAsync(flow, tokens[^1])).RefreshToken);
            Pass(secondsBetween);
        }

        return [.. tokens];
    }

    private Task<OidcApp> WebAsync(Action<Client>? change = null) => OidcApp.RegisterAsync(server, client =>
    {
        client.FirstParty = true;
        client.Scopes.AddRange(["orders.read", "orders.write"]);
        change?.Invoke(client);
    });

    private Task<OidcApp> NativeAsync(Action<Client>? change = null) => WebAsync(client =>
    {
        client.Kind = ClientKind.Native;
        change?.Invoke(client);
    });

    private async Task<DateTimeOffset> LastSeenAsync(SsoSession session)
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<SsoSession>().Where(row => row.Sid == session.Sid).Select(row => row.LastSeenAt).SingleAsync(TestContext.Current.CancellationToken);
    }
}
