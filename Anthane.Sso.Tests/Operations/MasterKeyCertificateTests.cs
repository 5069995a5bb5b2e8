using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anthane.Oidc;
using Anthane.Sso.Hosting;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Operations;

/// <summary>A certificate's private key as the source of the master key.</summary>
public sealed class MasterKeyCertificateTests : IDisposable
{
    private const string Password = "opens the file alone";
    private readonly TempDirectory files = new();
    private readonly FakeClock clock = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("pfx", true)]
    [InlineData("pfx", false)]
    [InlineData("pem", true)]
    [InlineData("pem", false)]
    public async Task OP_03_the_master_key_may_come_from_a_certificate_and_from_no_other(string format, bool rsa)
    {
        var (own, other) = (Write("own", format, rsa), Write("other", format, rsa));
        string before;
        await using (var server = await StartAsync(own))
        {
            before = await JwksAsync(server);
            Assert.False(File.Exists(Path.Combine(server.DataDirectory, "master.key")));
        }

        var refused = await Assert.ThrowsAsync<OidcConfigurationException>(() => StartAsync(other));
        Assert.Contains("master key", refused.Message, StringComparison.Ordinal);
        await using var again = await StartAsync(own);
        Assert.Equal(before, await JwksAsync(again));
    }

    [Fact]
    public async Task A_key_can_be_changed_for_a_certificate()
    {
        var (key, certificate) = (SsoCluster.NewMasterKey(), Write("own", "pfx", rsa: false));
        string before;
        await using (var server = await StartAsync([("Sso:MasterKey", key)]))
        {
            before = await JwksAsync(server);
        }

        Assert.Equal(0, await SsoHost.RunAsync(
        [
            "rewrap", "--environment=Development", "--Sso:Issuer=http://localhost:8400", $"--Sso:DataDirectory={Data}", $"--Sso:MasterKey={key}",
            .. certificate.Select(setting => $"--{setting.Name.Replace("MasterKey", "NewMasterKey", StringComparison.Ordinal)}={setting.Value}"),
        ]));
        await using var again = await StartAsync(certificate);
        Assert.Equal(before, await JwksAsync(again));
    }

    [Theory]
    [InlineData("wrong password")]
    [InlineData("no file")]
    [InlineData("no private key")]
    public async Task A_certificate_that_cannot_be_used_is_named_and_nothing_starts(string fault)
    {
        var certificate = Write("own", fault == "no private key" ? "pem" : "pfx", rsa: true);
        if (fault == "no private key")
        {
            var text = await File.ReadAllTextAsync(certificate[0].Value, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(certificate[0].Value, text[..text.IndexOf("-----BEGIN PRIVATE", StringComparison.Ordinal)], TestContext.Current.CancellationToken);
        }

        var refused = await Assert.ThrowsAsync<SsoConfigurationException>(() => StartAsync(fault switch
        {
            "wrong password" => [certificate[0], ("Sso:MasterKeyCertificatePassword", "another")],
            "no file" => [("Sso:MasterKeyCertificate", certificate[0].Value + ".gone")],
            _ => certificate,
        }));
        Assert.Contains("Sso:MasterKey", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Data, "sso.db")));
    }

    private string Data => Path.Combine(files.Path, "data");

    private (string Name, string Value)[] Write(string name, string format, bool rsa)
    {
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is RSA both
            ? new CertificateRequest($"CN={name}", both, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={name}", (ECDsa)key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var path = Path.Combine(files.Path, $"{name}.{format}");
        if (format == "pem")
        {
            File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
            return [("Sso:MasterKeyCertificate", path)];
        }

        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pfx, Password));
        return [("Sso:MasterKeyCertificate", path), ("Sso:MasterKeyCertificatePassword", Password)];
    }

    private Task<SsoServer> StartAsync((string Name, string Value)[] settings)
    {
        Directory.CreateDirectory(Data);
        return SsoServer.StartAsync(new SsoServerOptions
        {
            Issuer = "http://localhost:8400",
            DemoSeed = false,
            DataDirectory = Data,
            Clock = clock,
            Settings = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value),
        });
    }

    private static async Task<string> JwksAsync(SsoServer server) => (await server.GetJsonAsync("/.well-known/jwks.json")).Body.ToString();
}
