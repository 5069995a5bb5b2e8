using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Certificate files that change under a running gateway, and plain http beside https.</summary>
public sealed class CertificateReloadTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private readonly TempDirectory folder = new();
    private TestIssuer issuer = null!;

    private string CertificateFile => Path.Combine(folder.Path, "tls.crt");

    private string KeyFile => Path.Combine(folder.Path, "tls.key");

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_renewed_certificate_is_in_force_without_a_restart_and_ends_no_connection()
    {
        using var first = Write();
        await using var gateway = await StartAsync();
        using var kept = await ConnectAsync(gateway);
        Assert.Equal(first.Thumbprint, Thumbprint(kept));

        using var second = Write();
        await Until.TrueAsync(() => IsServedAsync(gateway, second), "the new certificate");
        await kept.WriteAsync(System.Text.Encoding.ASCII.GetBytes(RawClient.Request("GET", "/public/x")), TestContext.Current.CancellationToken);
        Assert.Equal(200, (await RawMessage.ReadAsync(kept, isResponse: true))!.Status);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("garbage")]
    [InlineData("another key")]
    [InlineData("expired")]
    public async Task Broken_files_change_nothing_and_are_told_in_the_log(string change)
    {
        using var first = Write();
        await using var gateway = await StartAsync();
        switch (change)
        {
            case "nothing":
                File.Delete(CertificateFile);
                break;
            case "garbage":
                await File.WriteAllTextAsync(CertificateFile, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", TestContext.Current.CancellationToken);
                break;
            case "another key":
                using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    await File.WriteAllTextAsync(KeyFile, other.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
                break;
            default:
                Write(clock.GetUtcNow().AddDays(-1)).Dispose();
                break;
        }

        await Until.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            return gateway.Log.Text.Contains("The certificate stays the one in force", StringComparison.Ordinal);
        }, "the line in the log");
        Assert.True(await IsServedAsync(gateway, first));
        Assert.DoesNotContain("PRIVATE KEY", gateway.Log.Text, StringComparison.Ordinal);

        using var second = Write();
        await Until.TrueAsync(() => IsServedAsync(gateway, second), "the next good certificate");
    }

    [Fact]
    public async Task Http_is_sent_to_https_with_method_and_body_kept()
    {
        using var certificate = Write();
        await using var gateway = await StartAsync(new() { ["Gateway:Tls:RedirectHttp"] = "true", ["Gateway:Tls:HttpsPort"] = "8443", ["Gateway:Tls:Hsts"] = "31536000" });
        var answer = await gateway.SendAsync("POST /public/x?a=%41 HTTP/1.1\r\nHost: gateway.test:80\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
        Assert.Equal(308, answer.Status);
        Assert.Equal("https://gateway.test:8443/public/x?a=%41", answer["Location"]);
        Assert.Null(answer["Strict-Transport-Security"]);
        Assert.Equal(0, upstream.Hits);
        var absolute = await gateway.SendAsync("GET http://gateway.test/public/x?a=1 HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n\r\n");
        Assert.Equal("https://gateway.test:8443/public/x?a=1", absolute["Location"]);
        Assert.Equal(0, upstream.Hits);
        Assert.Equal(200, (await gateway.GetAsync("/health/live")).Status);
        Assert.Equal(400, (await gateway.GetAsync("/public/%2e%2e%2fx")).Status);

        using var secure = await ConnectAsync(gateway);
        await secure.WriteAsync(System.Text.Encoding.ASCII.GetBytes(RawClient.Request("GET", "/public/x")), TestContext.Current.CancellationToken);
        Assert.Equal("max-age=31536000", (await RawMessage.ReadAsync(secure, isResponse: true))!["Strict-Transport-Security"]);
    }

    [Fact]
    public void A_certificate_that_is_not_there_stops_the_start()
    {
        var mistakes = TestGateway.Mistakes(TestGateway.Routes(), new()
        {
            ["Gateway:Tls:Certificate"] = Path.Combine(folder.Path, "none.pem"),
            ["Gateway:Tls:Hsts"] = "-1",
        });
        Assert.Equal(2, mistakes.Count);
        Assert.Contains(mistakes, mistake => mistake.StartsWith("Gateway:Tls:Certificate: ", StringComparison.Ordinal));
    }

    private static string Thumbprint(SslStream stream) => ((X509Certificate2)stream.RemoteCertificate!).Thumbprint;

    private static int TlsPort(TestGateway gateway) =>
        new Uri(gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => address.StartsWith("https:", StringComparison.Ordinal))).Port;

    private static async Task<SslStream> ConnectAsync(TestGateway gateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", TlsPort(gateway), TestContext.Current.CancellationToken);
#pragma warning disable CA5359 // The test looks at the certificate itself.
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await stream.AuthenticateAsClientAsync("localhost");
        return stream;
    }

    private async Task<bool> IsServedAsync(TestGateway gateway, X509Certificate2 certificate)
    {
        clock.Advance(TimeSpan.FromSeconds(10));
        using var stream = await ConnectAsync(gateway);
        return Thumbprint(stream) == certificate.Thumbprint;
    }

    private X509Certificate2 Write(DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), end ?? new DateTimeOffset(2049, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    private Task<TestGateway> StartAsync(Dictionary<string, string?>? more = null) => TestGateway.StartAsync(clock, issuer, TestGateway.Routes(
        TestGateway.Route(upstream, "/public/{everything}", route => route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}"""))), new(more ?? [])
        {
            ["Kestrel:Endpoints:Https:Url"] = "https://127.0.0.1:0",
            ["Gateway:Tls:Certificate"] = CertificateFile,
            ["Gateway:Tls:Key"] = KeyFile,
        });
}
