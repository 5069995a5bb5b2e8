using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Operations;

/// <summary>What the SSO does while its database cannot be reached, and afterwards.</summary>
public sealed class DatabaseAwayTests(PostgresServer postgres)
{
    [Fact]
    public async Task OP_08_while_the_database_is_away_documents_come_from_memory_and_nothing_is_let_in_or_called_invalid()
    {
        using var link = new CuttableLink(await postgres.CreateDatabaseAsync());
        await using var server = await SsoServer.StartAsync(SsoCluster.Options(link.ConnectionString, SsoCluster.NewMasterKey()));
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync(("scope", "openid orders.read offline_access"));
        var code = (await flow.AnswerAsync()).Code;
        var jwks = await server.GetAsync("/.well-known/jwks.json");

        link.Cut();
        foreach (var away in new[] { TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(10) })
        {
            server.Clock.Advance(away);
            Unavailable(await flow.RefreshAsync(tokens.RefreshToken));
            Unavailable(await flow.RedeemAsync(code));
            Unavailable(await server.PostFormAsync("/connect/token", BackChannel.Worker));
            Unavailable(await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_secret", "x")));
            Unavailable(await server.IntrospectAsync(tokens.AccessToken));
            Unavailable(await flow.PostAsync("/connect/revoke", [("token", tokens.RefreshToken)]));
            Unavailable(await flow.UserInfoAsync(tokens.AccessToken));

            var metadata = await server.GetAsync("/.well-known/openid-configuration", ("Origin", "http://localhost:8601"));
            Assert.Equal(HttpStatusCode.OK, metadata.StatusCode);
            Assert.Equal("http://localhost:8601", Assert.Single(metadata.Headers.GetValues("Access-Control-Allow-Origin")));
            var now = await server.GetAsync("/.well-known/jwks.json");
            Assert.Equal(jwks.Headers.ETag, now.Headers.ETag);
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/health/live")).StatusCode);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync("/health/ready")).StatusCode);
        }

        link.Mend();
        server.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(tokens.RefreshToken)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/health/ready")).StatusCode);
    }

    private static void Unavailable(JsonAnswer answer)
    {
        Assert.True(answer is { Status: HttpStatusCode.ServiceUnavailable, Error: "temporarily_unavailable" }, $"{answer.Status} {answer.Body}");
        Assert.NotNull(answer.Response.Headers.RetryAfter?.Delta);
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
    }
}
