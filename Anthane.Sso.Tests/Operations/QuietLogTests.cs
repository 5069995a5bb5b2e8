using Anthane.Sso.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Operations;

/// <summary>OP-01 in small: what gets in, or could, is in no log line, at Debug level either.</summary>
public sealed class QuietLogTests
{
    [Fact]
    public async Task OP_01_no_code_verifier_token_secret_cookie_or_password_is_in_any_log_line_at_Debug()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { LogLevel = LogLevel.Debug });
        var web = await OidcApp.RegisterAsync(server, client => client.FirstParty = true);
        var secrets = new List<string> { OidcFlow.Verifier, web.Secret!, BackChannel.Worker[2].Item2, "a-guessed-secret", Person.Alice.Password };
        foreach (var app in new[] { OidcApp.Notes, web, web with { PostSecret = true } })
        {
            var flow = await server.SignedInAsync(app);
            secrets.AddRange(flow.Browser.Cookies.Values);
            var code = (await flow.AnswerAsync(("scope", "openid email offline_access"))).Code;
            var tokens = await flow.RedeemAsync(code);
            var next = await flow.RefreshAsync(tokens.RefreshToken);
            secrets.AddRange([code, tokens.AccessToken, tokens.IdToken, tokens.RefreshToken, next.AccessToken, next.IdToken, next.RefreshToken]);
            await flow.UserInfoAsync(next.AccessToken);
            await server.GetAsync($"/connect/userinfo?access_token={next.AccessToken}");
            await server.IntrospectAsync(next.AccessToken);
            await flow.RedeemAsync(code);
            await flow.RefreshAsync(next.RefreshToken);
            await flow.Browser.GetAsync($"/connect/endsession?id_token_hint={next.IdToken}&post_logout_redirect_uri=https://elsewhere.example");
            await flow.AuthorizeAsync(("id_token_hint", next.IdToken), ("prompt", "none"));
            await flow.PostAsync("/connect/revoke", [("token", next.RefreshToken)]);
        }

        var worker = await server.PostFormAsync("/connect/token", BackChannel.Worker);
        secrets.Add(worker.AccessToken);
        await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", "orders-worker"), ("client_secret", "a-guessed-secret"));

        // A part of a token is as bad: its signature alone, its payload alone.
        var parts = secrets.SelectMany(secret => secret.Split('.')).Where(part => part.Length > 12).Concat(secrets).Distinct().ToList();
        var lines = server.Logs.ToList();
        Assert.Contains(lines, line => line.StartsWith("Debug", StringComparison.Ordinal));
        foreach (var part in parts.Where(part => part.Length > 40 || secrets.Contains(part)))
        {
            Assert.DoesNotContain(lines, line => line.Contains(part, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task OP_01_no_whole_address_is_in_any_log_line_when_a_setting_asks_one_provider_for_everything()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions
        {
            LogLevel = LogLevel.Trace,
            Settings = new Dictionary<string, string?> { [$"Logging:{SsoServer.LogProvider}:LogLevel:Default"] = "Trace" },
        });
        await server.GetAsync("/account/reset?token=a-one-time-link");
        Assert.Contains(server.Logs, line => line.StartsWith("Trace", StringComparison.Ordinal) || line.StartsWith("Debug", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Logs, line => line.Contains("a-one-time-link", StringComparison.Ordinal));
    }
}
