using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>Secrets of clients: how they are kept, replaced and guessed.</summary>
public sealed class ClientSecretTests
{
    private const string Wrong = "wrong-secret";

    [Fact]
    public async Task A_second_secret_works_beside_the_first_and_a_removed_one_not_at_all()
    {
        await using var server = await SsoServer.StartAsync();
        var admin = server.Get<ClientAdmin>();
        var (app, first) = await ServiceAsync(server);
        var second = await admin.AddSecretAsync(app.ClientId, "test");
        Assert.NotEmpty((await admin.AddSecretAsync(app.ClientId, "test")).Problems);
        Assert.True(await WorksAsync(server, app, first));
        Assert.True(await WorksAsync(server, app, second.Secret!));

        var secrets = await admin.SecretsAsync(app.ClientId);
        Assert.Equal(2, secrets.Count);
        Assert.True(await admin.RemoveSecretAsync(app.ClientId, secrets[0].Id, "test"));
        Assert.Equal(1, new[] { await WorksAsync(server, app, first), await WorksAsync(server, app, second.Secret!) }.Count(works => works));
    }

    [Fact]
    public async Task A_generated_secret_is_kept_as_an_HMAC_a_chosen_one_under_a_slow_hash_and_neither_in_clear()
    {
        await using var server = await SsoServer.StartAsync();
        var admin = server.Get<ClientAdmin>();
        var (app, secret) = await ServiceAsync(server);
        var generated = Assert.Single(await admin.SecretsAsync(app.ClientId));
        Assert.Equal("hmac-sha256", generated.Algorithm);
        Assert.DoesNotContain(secret, generated.Hash, StringComparison.Ordinal);
        var chosen = Assert.Single(await admin.SecretsAsync("orders-worker"));
        Assert.Equal("pbkdf2", chosen.Algorithm);
        Assert.StartsWith("210000.", chosen.Hash, StringComparison.Ordinal);

        var checks = server.Get<ClientSecrets>();
        Assert.True(await WorksAsync(server, app, secret));
        Assert.Equal(0, checks.SlowChecks);
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        Assert.Equal(1, checks.SlowChecks);
        Assert.False(await WorksAsync(server, app, Wrong));
        Assert.Equal(2, checks.SlowChecks);
    }

    [Fact]
    public async Task TK_03_an_address_that_guesses_is_told_to_wait_and_the_client_works_from_elsewhere()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { DemoSeed = false });
        var (app, secret) = await ServiceAsync(server);
        using var guesser = BackChannel.From(IPAddress.Parse("127.0.0.7"));
        using var honest = BackChannel.From(IPAddress.Parse("127.0.0.8"));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 1000; i++)
        {
            statuses.Add((await SendAsync(guesser, server, app, Wrong)).StatusCode);
        }

        Assert.All(statuses.Take(100), status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        Assert.All(statuses.Skip(100), status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
        var blocked = await SendAsync(guesser, server, app, secret);
        Assert.Equal(HttpStatusCode.TooManyRequests, blocked.StatusCode);
        Assert.InRange(blocked.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(honest, server, app, secret)).StatusCode);

        server.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(guesser, server, app, secret)).StatusCode);
    }

    [Fact]
    public void TK_03_one_subscriber_of_IPv6_is_one_address()
    {
        var throttle = new ClientThrottle(new FakeClock());
        for (var i = 0; i < 100; i++)
        {
            throttle.CountFailure(IPAddress.Parse($"2001:db8:1:2::{i:x}"));
        }

        Assert.True(throttle.IsBlocked(IPAddress.Parse("2001:db8:1:2:ffff::1")));
        Assert.False(throttle.IsBlocked(IPAddress.Parse("2001:db8:1:3::1")));
    }

    private static async Task<(OidcApp App, string Secret)> ServiceAsync(SsoServer server)
    {
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            client.Kind = ClientKind.Service;
            client.RedirectUris = [];
            client.PostLogoutRedirectUris = [];
            client.Scopes = [];
            client.Rules = [];
        });
        return (app, app.Secret!);
    }

    private static async Task<bool> WorksAsync(SsoServer server, OidcApp app, string secret) =>
        (await server.PostFormAsync("/connect/introspect", ("client_id", app.ClientId), ("client_secret", secret), ("token", "x"))).Status == HttpStatusCode.OK;

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, SsoServer server, OidcApp app, string secret)
    {
        var form = new FormUrlEncodedContent([new("client_id", app.ClientId), new("client_secret", secret), new("token", "x")]);
        return client.PostAsync(new Uri(server.Address, "/connect/introspect"), form, TestContext.Current.CancellationToken);
    }
}
