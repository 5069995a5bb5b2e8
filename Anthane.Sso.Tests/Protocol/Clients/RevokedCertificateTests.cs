using System.Net;
using System.Security.Cryptography.X509Certificates;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>Certificates of clients that their authority has taken back, by a list that is fetched over the network.</summary>
public sealed class RevokedCertificateTests : IAsyncLifetime
{
    private static readonly CertificateWish Wish = new() { Dns = "payments.example" };
    private readonly TlsSso tls = new() { CheckRevocation = true };
    private readonly RawServer lists = new();

    // The platform keeps lists on disk by their address, also for the next run.
    private readonly string path = "/" + Path.GetRandomFileName() + ".crl";
    private string clientId = "";

    public async ValueTask InitializeAsync()
    {
        await tls.InitializeAsync();
        var client = new Client
        {
            ClientId = "",
            Name = "Certificates",
            Kind = ClientKind.Service,
            Scopes = ["orders.read"],
            TokenEndpointAuthMethod = ClientAuthMethod.TlsClientAuth,
            TlsSubjectType = TlsSubjects.SanDns,
            TlsSubject = "payments.example",
        };
        clientId = (await tls.Server.Get<ClientAdmin>().CreateAsync(client, "test")).ClientId;
    }

    public async ValueTask DisposeAsync()
    {
        await lists.DisposeAsync();
        await tls.DisposeAsync();
    }

    [Fact]
    public async Task A_certificate_that_its_authority_lists_as_revoked_proves_nothing_and_its_neighbour_does()
    {
        var wish = Wish with { RevocationList = lists.Url + path };
        using var good = tls.Maker.Make(wish);
        using var revoked = tls.Maker.Make(wish);
        Publish(tls.Maker.RevocationList(revoked));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(good));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(revoked));
        Assert.Contains(tls.Server.Logs, line => line.Contains("Revoked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_about_which_the_authority_does_not_answer_is_refused()
    {
        using var silent = tls.Maker.Make(Wish with { RevocationList = lists.Url + path });
        lists.Answer = (_, stream) => RawServer.RespondAsync(stream, "503 Service Unavailable", "");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silent));
        using var without = tls.Maker.Make(Wish);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(without));
    }

    [Fact]
    public async Task A_list_of_another_authority_says_nothing()
    {
        using var good = tls.Maker.Make(Wish with { RevocationList = lists.Url + path });
        using var foreign = new CertificateMaker();
        Publish(foreign.RevocationList());
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(good));
    }

    [Fact]
    public async Task What_no_authority_of_ours_signed_makes_the_server_fetch_nothing()
    {
        var wish = Wish with { RevocationList = lists.Url + path };
        using var foreign = new CertificateMaker();
        Publish(foreign.RevocationList());
        using var own = CertificateMaker.SelfSigned(wish);
        using var theirs = foreign.Make(wish);
        using var stranger = tls.Maker.Make(wish with { Dns = "other.example" });
        foreach (var certificate in new[] { own, theirs, stranger })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(certificate));
        }

        Assert.Equal(0, lists.Hits);
    }

    private void Publish(byte[] list) => lists.Answer = (_, stream) => RawServer.RespondAsync(stream, "200 OK", list, "Content-Type: application/pkix-crl");

    private async Task<HttpStatusCode> StatusAsync(X509Certificate2 certificate) =>
        (await tls.PostAsync(certificate, "/connect/token", ("grant_type", "client_credentials"), ("client_id", clientId))).Status;
}
