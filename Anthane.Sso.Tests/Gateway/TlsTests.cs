using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>The TLS endpoint, made by settings alone, and HTTP/2, which comes with it.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private readonly string folder = Directory.CreateTempSubdirectory("anthane-tls-").FullName;
    private string certificateHash = "";
    private TestIssuer issuer = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        using var made = SelfSigned.For("localhost");
        certificateHash = made.GetCertHashString();
        var certificate = Path.Combine(folder, "gateway.pfx");
        await File.WriteAllBytesAsync(certificate, made.Export(X509ContentType.Pfx, "password"));
        gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(
            TestGateway.Route(upstream, "/public/{everything}", route => route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}""")),
            TestGateway.Route(upstream)), new()
            {
                ["Kestrel:Endpoints:Https:Url"] = "https://127.0.0.1:0",
                ["Kestrel:Endpoints:Https:Certificate:Path"] = certificate,
                ["Kestrel:Endpoints:Https:Certificate:Password"] = "password",
            });
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_TLS_endpoint_comes_from_the_settings(string version)
    {
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == certificateHash } });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{TlsPort()}/orders")
        {
            Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Authorization = new("Bearer", issuer.Token()) },
        };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("https", upstream.Last["X-Forwarded-Proto"]);
        Assert.Equal("alice@anthane.test", upstream.Last["x-jwt-email"]);
    }

    [Theory]
    [InlineData("connection", "close")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("upgrade", "h2c")]
    [InlineData("proxy-connection", "close")]
    [InlineData("te", "gzip")]
    [InlineData("x-mine", "a\r\nx-jwt-email: mallory")]
    [InlineData("x-mine", "a\0b")]
    [InlineData("X-Upper", "1")]
    [InlineData("content-length", "5")]
    public async Task SM_05_what_HTTP_2_forbids_reaches_no_service(string name, string value)
    {
        await using var client = await Http2Client.ConnectAsync(TlsPort(), certificateHash);
        var (outcome, status) = await client.SendAsync("POST", [(name, value)], name == "content-length" ? "longer than five" : "x");
        Assert.True(outcome != Http2Client.Outcome.Answered || status is "static-12" or "400", $"{outcome} {status}");
        Assert.DoesNotContain(upstream.Requests, request => request.Body.Length > 0);
    }

    [Theory]
    [InlineData("x_jwt_email", "mallory")]
    [InlineData("x.jwt.email", "mallory")]
    public async Task GH_03_names_have_the_same_rule_over_HTTP_2(string name, string value)
    {
        await using var client = await Http2Client.ConnectAsync(TlsPort(), certificateHash);
        Assert.Equal((Http2Client.Outcome.Answered, "static-12"), await client.SendAsync("GET", [(name, value)]));
        Assert.Equal(0, upstream.Hits);
    }

    [Fact]
    public async Task GH_01_identity_headers_are_removed_over_HTTP_2_too()
    {
        await using var client = await Http2Client.ConnectAsync(TlsPort(), certificateHash);
        Assert.Equal((Http2Client.Outcome.Answered, "static-8"), await client.SendAsync("GET", [("x-jwt-email", "mallory"), ("x-mine", "1")]));
        Assert.Null(upstream.Last["x-jwt-email"]);
        Assert.Equal("1", upstream.Last["x-mine"]);
    }

    [Fact]
    public async Task SM_07_rapid_resets_end_their_connection_and_nobody_elses()
    {
        await using var attacker = await Http2Client.ConnectAsync(TlsPort(), certificateHash);
        var attack = attacker.ResetRapidlyAsync("/public/x", 20_000);
        while (!attack.IsCompleted)
        {
            await using var during = await Http2Client.ConnectAsync(TlsPort(), certificateHash);
            Assert.Equal((Http2Client.Outcome.Answered, "static-8"), await during.SendAsync("GET", []));
        }

        Assert.True(await attack);
        await using var after = await Http2Client.ConnectAsync(TlsPort(), certificateHash);
        Assert.Equal((Http2Client.Outcome.Answered, "static-8"), await after.SendAsync("GET", []));
    }

    private int TlsPort() =>
        new Uri(gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => address.StartsWith("https:", StringComparison.Ordinal))).Port;
}
