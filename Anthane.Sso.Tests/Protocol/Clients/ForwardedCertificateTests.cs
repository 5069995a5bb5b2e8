using System.Net;
using System.Security.Cryptography.X509Certificates;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Hosting;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>A client's certificate in the header of a proxy that ended its TLS connection: believed from the proxies that are named, and from nobody else.</summary>
public sealed class ForwardedCertificateTests : IAsyncLifetime
{
    private readonly TempDirectory files = new();
    private readonly CertificateMaker maker = new();
    private SsoServer server = null!;
    private string clientId = "";

    public async ValueTask InitializeAsync()
    {
        var authority = Path.Combine(files.Path, "authority.pem");
        await File.WriteAllTextAsync(authority, maker.Authority.ExportCertificatePem());
        server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Settings = new Dictionary<string, string?>
            {
                ["Sso:ClientCertificates:Header"] = "Client-Cert",
                ["Sso:ClientCertificates:Proxies:0"] = "127.0.0.9",
                ["Sso:ClientCertificates:Authorities:0"] = authority,
                // Another proxy, which may say for whom it speaks and no more.
                ["Sso:TrustedProxies:0"] = "127.0.0.8",
            },
        });
        var saved = await server.Get<ClientAdmin>().CreateAsync(
            new Client
            {
                ClientId = "",
                Name = "Behind a proxy",
                Kind = ClientKind.Service,
                Scopes = ["orders.read"],
                TokenEndpointAuthMethod = ClientAuthMethod.TlsClientAuth,
                TlsSubjectType = TlsSubjects.SanDns,
                TlsSubject = "payments.example",
            },
            "test");
        Assert.True(saved.Saved, string.Join('\n', saved.Problems));
        clientId = saved.ClientId;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        maker.Dispose();
        files.Dispose();
    }

    [Fact]
    public async Task Both_ways_of_writing_a_certificate_are_read_from_the_named_proxy()
    {
        using var certificate = maker.Make(new CertificateWish { Dns = "payments.example" });
        Assert.Equal(HttpStatusCode.OK, await SendAsync("127.0.0.9", Rfc9440(certificate)));
        Assert.Equal(HttpStatusCode.OK, await SendAsync("127.0.0.9", Nginx(certificate)));
        using var other = maker.Make(new CertificateWish { Dns = "other.example" });
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync("127.0.0.9", Rfc9440(other)));
    }

    [Fact]
    public async Task GH_14_from_anybody_else_the_header_counts_for_nothing_whatever_they_say_about_themselves()
    {
        using var certificate = maker.Make(new CertificateWish { Dns = "payments.example" });
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync("127.0.0.1", Rfc9440(certificate)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync("127.0.0.8", Rfc9440(certificate), ("X-Forwarded-For", "127.0.0.9")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync("127.0.0.1", Rfc9440(certificate), ("X-Forwarded-For", "127.0.0.9"), ("X-Original-For", "127.0.0.9:1")));
    }

    [Fact]
    public async Task What_cannot_be_read_in_one_way_proves_nobody_and_is_no_fault_of_the_server()
    {
        using var certificate = maker.Make(new CertificateWish { Dns = "payments.example" });
        var good = Rfc9440(certificate);
        foreach (var header in new[] { "", ":", "::", good[..^1], good[1..], ":AAAA:", "x", "-----BEGIN%20CERTIFICATE-----", ":" + new string('A', 20_000) + ":", good + ", " + good })
        {
            Assert.Equal((header, HttpStatusCode.Unauthorized), (header, await SendAsync("127.0.0.9", header)));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync("127.0.0.9", good, ("Client-Cert", good)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync("127.0.0.9", null));
    }

    [Fact]
    public async Task Two_clients_behind_one_connection_of_the_proxy_are_kept_apart()
    {
        using var certificate = maker.Make(new CertificateWish { Dns = "payments.example" });
        using var proxy = BackChannel.From(IPAddress.Parse("127.0.0.9"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await SendAsync(proxy, Rfc9440(certificate)));
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(proxy, null));
        }
    }

    [Fact]
    public async Task Settings_that_would_believe_everybody_or_nobody_are_refused_at_start()
    {
        foreach (var (settings, word) in new (Dictionary<string, string?>, string)[]
        {
            (new() { ["Sso:ClientCertificates:Header"] = "Client-Cert" }, "go together"),
            (new() { ["Sso:ClientCertificates:Proxies:0"] = "10.0.0.0/8" }, "go together"),
            (new() { ["Sso:ClientCertificates:Header"] = "Client-Cert", ["Sso:ClientCertificates:Proxies:0"] = "proxy.example" }, "neither an address nor a network"),
            (new() { ["Sso:ClientCertificates:Ask"] = "true", ["Sso:ClientCertificates:Authorities:0"] = "/nowhere.pem" }, "cannot be read"),
            (new() { ["Sso:ClientCertificates:Authorities:0"] = Path.Combine(files.Path, "authority.pem") }, "has no use"),
        })
        {
            var refused = await Assert.ThrowsAsync<SsoConfigurationException>(() => SsoServer.StartAsync(new SsoServerOptions { Settings = settings }));
            Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        }
    }

    private static string Rfc9440(X509Certificate2 certificate) => $":{Convert.ToBase64String(certificate.RawData)}:";

    private static string Nginx(X509Certificate2 certificate) => Uri.EscapeDataString(certificate.ExportCertificatePem() + "\n");

    private async Task<HttpStatusCode> SendAsync(string from, string? header, params (string Name, string Value)[] more)
    {
        using var sender = BackChannel.From(IPAddress.Parse(from));
        return await SendAsync(sender, header, more);
    }

    private async Task<HttpStatusCode> SendAsync(HttpClient sender, string? header, params (string Name, string Value)[] more)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/connect/token"))
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", clientId)]),
        };
        foreach (var (name, value) in header is null ? more : [("Client-Cert", header), .. more])
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return (await sender.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode;
    }
}
