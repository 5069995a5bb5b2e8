using System.Net;
using System.Security.Cryptography;
using System.Text;
using Anthane.Oidc;
using Anthane.Oidc.Keys;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Operations;

/// <summary>What is secret in the database is wrapped by the master key; without the right one nothing starts and nothing changes.</summary>
public sealed class MasterKeyTests : IDisposable
{
    private readonly TempDirectory data = new();
    private readonly FakeClock clock = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task OP_03_the_database_file_holds_no_private_key_and_no_secret_in_clear()
    {
        var masterKey = SsoCluster.NewMasterKey();
        List<byte[]> secrets;
        await using (var server = await StartAsync(masterKey))
        {
            var flow = await server.SignedInAsync();
            var web = await OidcApp.RegisterAsync(server);
            var tokens = await flow.TokensAsync(("scope", "openid offline_access"));
            var next = await flow.RefreshAsync(tokens.RefreshToken);
            var code = (await flow.AnswerAsync()).Code;
            string[] texts = [web.Secret!, tokens.RefreshToken, next.RefreshToken, code, tokens.AccessToken, .. flow.Browser.Cookies.Values, Person.Alice.Password, BackChannel.Worker[2].Item2, "PRIVATE KEY", masterKey];
            secrets = [.. texts.Select(Encoding.UTF8.GetBytes), .. await PrivateKeysAsync(server, masterKey)];
        }

        var files = Directory.GetFiles(data.Path).Where(file => !file.EndsWith(".key", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            Assert.All(secrets, secret => Assert.Equal(-1, bytes.AsSpan().IndexOf(secret)));
        }
    }

    [Fact]
    public async Task OP_03_a_wrong_master_key_refuses_to_start_says_what_to_do_and_changes_nothing()
    {
        var masterKey = SsoCluster.NewMasterKey();
        string before;
        await using (var server = await StartAsync(masterKey))
        {
            before = await KeysAsync(server);
        }

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(SsoCluster.NewMasterKey()));
        Assert.True(refusal is OidcConfigurationException or SsoConfigurationException, refusal.ToString());
        Assert.Contains("master key", refusal.Message, StringComparison.Ordinal);
        await using var again = await StartAsync(masterKey);
        Assert.Equal(before, await KeysAsync(again));
    }

    [Fact]
    public async Task Rewrapping_changes_the_master_key_and_nothing_that_clients_see()
    {
        var (old, changed) = (SsoCluster.NewMasterKey(), SsoCluster.NewMasterKey());
        string jwks, refreshToken;
        OidcApp web;
        await using (var server = await StartAsync(old))
        {
            jwks = (await server.GetJsonAsync("/.well-known/jwks.json")).Body.ToString();
            web = await OidcApp.RegisterAsync(server, client => client.FirstParty = true);
            refreshToken = (await (await server.SignedInAsync(web)).TokensAsync(("scope", "openid offline_access"))).RefreshToken;
        }

        Assert.Equal(0, await SsoHost.RunAsync(["rewrap", "--environment=Development", "--Sso:Issuer=http://localhost:8400", $"--Sso:DataDirectory={data.Path}", $"--Sso:MasterKey={old}", $"--Sso:NewMasterKey={changed}"]));
        await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(old));
        await using var again = await StartAsync(changed);
        Assert.Equal(jwks, (await again.GetJsonAsync("/.well-known/jwks.json")).Body.ToString());
        Assert.Equal(HttpStatusCode.OK, (await new OidcFlow(again, web).RefreshAsync(refreshToken)).Status);
        await using var db = again.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var masters = await db.DataProtectionKeys.Select(row => row.MasterKeyId).Distinct().ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([again.Get<SsoSettings>().MasterKey.Id], masters);
    }

    private Task<SsoServer> StartAsync(string masterKey) => SsoServer.StartAsync(new SsoServerOptions
    {
        Issuer = "http://localhost:8400",
        DataDirectory = data.Path,
        Clock = clock,
        Settings = new Dictionary<string, string?> { ["Sso:MasterKey"] = masterKey },
    });

    private static async Task<string> KeysAsync(SsoServer server)
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var keys = await db.Set<SigningKey>().OrderBy(key => key.Kid).ToListAsync(TestContext.Current.CancellationToken);
        var secrets = await db.Set<ServerSecret>().OrderBy(secret => secret.Name).ToListAsync(TestContext.Current.CancellationToken);
        return string.Join('\n', keys.Select(key => $"{key.Kid} {key.Slot} {Convert.ToHexString(key.WrappedPrivateKey)}").Concat(secrets.Select(secret => $"{secret.Name} {Convert.ToHexString(secret.Wrapped)}")));
    }

    private static async Task<List<byte[]>> PrivateKeysAsync(SsoServer server, string masterKey)
    {
        var master = MasterKey.FromBytes(Convert.FromBase64String(masterKey));
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var found = new List<byte[]>();
        foreach (var key in await db.Set<SigningKey>().ToListAsync(TestContext.Current.CancellationToken))
        {
            var pkcs8 = master.Unwrap(key.WrappedPrivateKey, key.Kid);
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(pkcs8, out _);
            var d = rsa.ExportParameters(true).D!;
            found.AddRange([pkcs8, d, Encoding.ASCII.GetBytes(Base64UrlEncoder.Encode(d)), Encoding.ASCII.GetBytes(Convert.ToBase64String(d))]);
        }

        foreach (var secret in await db.Set<ServerSecret>().ToListAsync(TestContext.Current.CancellationToken))
        {
            found.Add(master.Unwrap(secret.Wrapped, secret.Name));
        }

        return found;
    }
}
