using System.Net;
using System.Security.Cryptography;
using Anthane.Oidc.Administration;
using Anthane.Sso.Accounts;
using Anthane.Sso.Admin;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Operations;

public sealed class ProductionTests
{
    private static readonly string Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task OP_13_In_production_nothing_is_seeded_and_pages_show_no_exception()
    {
        await using var server = await SsoServer.StartAsync(Production() with { Settings = new Dictionary<string, string?>(Settings(Key)) { ["Sso:TrustedProxies:0"] = "127.0.0.1" } });
        using var browser = server.NewBrowser();
        browser.Headers.Add("X-Forwarded-Proto", "https");
        Assert.Equal(0, (await server.Get<PeopleAdmin>().ListAsync(null, 1)).Total);
        Assert.Empty(await server.Get<ClientAdmin>().ListAsync(null));
        foreach (var path in new[] { "/swagger", "/metrics", "/dev/mail", "/.env" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(path)).StatusCode);
        }

        Assert.False(server.Get<AccountMail>().SignUpIsOpen);
        Assert.Contains(server.Logs, line => line.Contains("Anthane.Sso bootstrap", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Logs, line => line.Contains("token=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OP_13_A_database_seeded_for_Development_does_not_start_until_its_rows_are_disabled()
    {
        using var directory = new TempDirectory();
        await (await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path })).DisposeAsync();
        var production = Production() with { DataDirectory = directory.Path, Settings = Settings(await File.ReadAllTextAsync(Path.Combine(directory.Path, "master.key"), TestContext.Current.CancellationToken)) };
        var refused = await Assert.ThrowsAsync<SsoConfigurationException>(() => SsoServer.StartAsync(production));
        Assert.All(
            ["alice@anthane.test", "the client notes", "the API https://orders.anthane.test"],
            named => Assert.Contains(named, refused.Message, StringComparison.Ordinal));

        await using (var development = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path }))
        {
            await DisableAllAsync(development);
        }

        await using var server = await SsoServer.StartAsync(production);
        using var browser = server.NewBrowser();
        Assert.True((await browser.GetAsync("/health/ready")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task OP_04_When_the_data_protection_ring_is_lost_the_signing_keys_are_not()
    {
        using var directory = new TempDirectory();
        string before;
        await using (var server = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path }))
        {
            before = await JwksAsync(server);
            await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
            Assert.NotEqual(0, await db.DataProtectionKeys.ExecuteDeleteAsync(TestContext.Current.CancellationToken));
        }

        await using var again = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path });
        Assert.Equal(before, await JwksAsync(again));
    }

    [Fact]
    public async Task AllowedHosts_is_the_issuer_and_loopback_unless_it_is_set()
    {
        await using var server = await SsoServer.StartAsync(Production());
        using var browser = server.NewBrowser();
        foreach (var (host, expected) in new[] { ("sso.anthane.test", HttpStatusCode.OK), ("localhost", HttpStatusCode.OK), ("evil.test", HttpStatusCode.BadRequest) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/.well-known/openid-configuration"));
            request.Headers.Host = host;
            Assert.Equal(expected, (await browser.SendAsync(request)).StatusCode);
        }
    }

    internal static SsoServerOptions Production() =>
        new() { Environment = "Production", DemoSeed = true, Issuer = "https://sso.anthane.test", Settings = Settings(Key) };

    private static Dictionary<string, string?> Settings(string key) => new() { ["Sso:MasterKey"] = key };

    private static async Task<string> JwksAsync(SsoServer server)
    {
        using var browser = server.NewBrowser();
        return await (await browser.GetAsync("/.well-known/jwks.json")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task DisableAllAsync(SsoServer server)
    {
        foreach (var client in await server.Get<ClientAdmin>().ListAsync(null))
        {
            await server.Get<ClientAdmin>().SetEnabledAsync(client.ClientId, false, "test");
        }

        foreach (var api in await server.Get<ApiAdmin>().ListAsync())
        {
            await server.Get<ApiAdmin>().SetEnabledAsync(api.Audience, false, "test");
        }

        var people = server.Get<PeopleAdmin>();
        var owner = await people.CreateAsync(new NewPerson("owner@anthane.test", "", EmailVerified: true, Admin: true), "test");
        foreach (var person in (await people.ListAsync(null, 1)).People.Where(person => person.Id != owner.Id))
        {
            Assert.True((await people.SetDisabledAsync(person.Id, true, "test")).Done);
        }
    }
}
