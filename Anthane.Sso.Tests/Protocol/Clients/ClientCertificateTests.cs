using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>Clients that prove themselves by a certificate (RFC 8705 section 2), over real TLS connections.</summary>
public sealed class ClientCertificateTests(TlsSso tls) : IClassFixture<TlsSso>
{
    private static readonly CertificateWish Wish = new("CN=payments, O=\"Example, Ltd\", C=GB")
    {
        Dns = "payments.example", Uri = new Uri("urn:example:payments"), Email = "payments@example.com",
    };

    [Theory]
    [InlineData(TlsSubjects.SubjectDn, @"CN=payments,O=Example\, Ltd,C=GB")]
    [InlineData(TlsSubjects.SanDns, "payments.example")]
    [InlineData(TlsSubjects.SanUri, "urn:example:payments")]
    [InlineData(TlsSubjects.SanEmail, "payments@example.com")]
    public async Task A_certificate_of_a_trusted_authority_with_the_clients_name_proves_it_at_every_endpoint_for_clients(string type, string name)
    {
        var id = await RegisterAsync(client => (client.TokenEndpointAuthMethod, client.TlsSubjectType, client.TlsSubject) = (ClientAuthMethod.TlsClientAuth, type, name));
        using var certificate = tls.Maker.Make(Wish);
        var tokens = await TokenAsync(certificate, id);
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        Assert.False(JsonAnswer.PayloadOf(tokens.AccessToken).TryGetProperty("cnf", out _));
        var flow = new OidcFlow(tls.Server, new OidcApp(id, null, "https://app.example/callback"));
        Assert.Equal(HttpStatusCode.Created, (await tls.PostAsync(certificate, "/connect/par", flow.Parameters())).Status);
        Assert.True((await tls.PostAsync(certificate, "/connect/introspect", ("client_id", id), ("token", tokens.AccessToken))).Body.GetProperty("active").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await tls.PostAsync(certificate, "/connect/revoke", ("client_id", id), ("token", tokens.AccessToken))).Status);
    }

    [Fact]
    public async Task No_other_certificate_proves_it_and_none_does_not()
    {
        var id = await RegisterAsync(client => (client.TokenEndpointAuthMethod, client.TlsSubjectType, client.TlsSubject) = (ClientAuthMethod.TlsClientAuth, TlsSubjects.SanDns, "payments.example"));
        using var impostor = new CertificateMaker();
        X509Certificate2?[] wrong =
        [
            null,
            impostor.Make(Wish),
            CertificateMaker.SelfSigned(Wish),
            tls.Maker.Make(Wish with { Dns = "payments.example.evil.test" }),
            tls.Maker.Make(Wish with { Dns = "*.example" }),
            tls.Maker.Make(Wish with { Dns = null, Subject = "CN=payments.example" }),
            tls.Maker.Make(Wish with { Dns = null, Uri = new Uri("dns:payments.example") }),
            tls.Maker.Make(Wish with { Usage = "1.3.6.1.5.5.7.3.1" }),
            tls.Maker.Make(Wish with { To = new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.Zero) }),
            tls.Maker.Make(Wish with { From = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero) }),
        ];
        foreach (var certificate in wrong)
        {
            using (certificate)
            {
                ExpectRefused(await TokenAsync(certificate, id));
            }
        }

        using var right = tls.Maker.Make(Wish with { Usage = null });
        Assert.Equal(HttpStatusCode.OK, (await TokenAsync(right, id)).Status);
        ExpectRefused(await tls.Server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", id)));
        ExpectRefused(await tls.PostAsync(right, "/connect/token", ("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "x")));
    }

    [Fact]
    public async Task A_subject_is_compared_whole_and_in_order()
    {
        var id = await RegisterAsync(client => (client.TokenEndpointAuthMethod, client.TlsSubjectType, client.TlsSubject) = (ClientAuthMethod.TlsClientAuth, TlsSubjects.SubjectDn, "CN=payments,O=Example"));
        foreach (var (subject, accepted) in new[] { ("CN=payments, O=Example", true), ("O=Example, CN=payments", false), ("CN=payments, O=Example, C=GB", false), ("CN=Payments, O=Example", false), ("CN=payments", false), ("O=\"Example,CN=payments\"", false) })
        {
            using var certificate = tls.Maker.Make(new CertificateWish(subject));
            Assert.Equal((subject, accepted), (subject, (await TokenAsync(certificate, id)).Status == HttpStatusCode.OK));
        }
    }

    [Fact]
    public async Task A_certificate_says_nothing_about_a_client_with_another_method()
    {
        var app = await OidcApp.RegisterAsync(tls.Server);
        using var certificate = tls.Maker.Make(Wish);
        ExpectRefused(await TokenAsync(certificate, app.ClientId));
        var signing = await SigningClient.RegisterAsync(tls.Server);
        ExpectRefused(await TokenAsync(certificate, signing.ClientId));
    }

    [Fact]
    public async Task A_certificate_of_the_clients_own_counts_by_its_key_or_whole_when_it_was_registered_whole()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = CertificateMaker.SelfSigned(own: key);
        using var renewed = CertificateMaker.SelfSigned(new CertificateWish("CN=renewed"), key);
        using var expired = CertificateMaker.SelfSigned(new CertificateWish { To = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero) }, key);
        using var other = CertificateMaker.SelfSigned();
        var byKey = await RegisterAsync(client => (client.TokenEndpointAuthMethod, client.Jwks) = (ClientAuthMethod.SelfSignedTlsClientAuth, Jwks(certificate, whole: false)));
        var whole = await RegisterAsync(client => (client.TokenEndpointAuthMethod, client.Jwks) = (ClientAuthMethod.SelfSignedTlsClientAuth, Jwks(certificate, whole: true)));
        foreach (var (id, sent, accepted) in new[]
        {
            (byKey, certificate, true), (byKey, renewed, true), (byKey, expired, false), (byKey, other, false), (byKey, null, false),
            (whole, certificate, true), (whole, renewed, false), (whole, other, false),
        })
        {
            Assert.Equal((sent?.Subject, accepted), (sent?.Subject, (await TokenAsync(sent, id)).Status == HttpStatusCode.OK));
        }
    }

    [Fact]
    public async Task Published_certificates_are_fetched_anew_when_the_client_changes_them()
    {
        using var first = CertificateMaker.SelfSigned();
        using var second = CertificateMaker.SelfSigned();
        var published = first;
        await using var host = new RawServer();
        host.Answer = (_, stream) => RawServer.RespondAsync(stream, "200 OK", Jwks(published, whole: true), "Content-Type: application/json");
        var id = await RegisterAsync(client => (client.TokenEndpointAuthMethod, client.JwksUri) = (ClientAuthMethod.SelfSignedTlsClientAuth, host.Url + "/jwks"));
        Assert.Equal(HttpStatusCode.OK, (await TokenAsync(first, id)).Status);
        published = second;
        tls.Server.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, (await TokenAsync(second, id)).Status);
        ExpectRefused(await TokenAsync(first, id));
        Assert.Equal(2, host.Hits);
    }

    [Fact]
    public async Task KD_13_the_methods_are_listed_where_certificates_arrive_and_nowhere_else()
    {
        foreach (var list in new[] { "token", "revocation", "introspection" })
        {
            var methods = await MethodsAsync(tls.Server, list);
            Assert.Contains("tls_client_auth", methods);
            Assert.Contains("self_signed_tls_client_auth", methods);
        }

        await using var plain = await SsoServer.StartAsync();
        Assert.DoesNotContain(await MethodsAsync(plain, "token"), method => method.Contains("tls", StringComparison.Ordinal));
    }

    private static async Task<string[]> MethodsAsync(SsoServer server, string list) =>
        [.. (await server.GetJsonAsync("/.well-known/openid-configuration")).Body.GetProperty(list + "_endpoint_auth_methods_supported").EnumerateArray().Select(method => method.GetString()!)];

    private Task<JsonAnswer> TokenAsync(X509Certificate2? certificate, string clientId) => tls.PostAsync(certificate, "/connect/token", ("grant_type", "client_credentials"), ("client_id", clientId));

    private static string Jwks(X509Certificate2 certificate, bool whole)
    {
        using var key = certificate.GetECDsaPublicKey()!;
        var point = key.ExportParameters(false).Q;
        var jwk = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = System.Buffers.Text.Base64Url.EncodeToString(point.X), ["y"] = System.Buffers.Text.Base64Url.EncodeToString(point.Y) };
        if (whole)
        {
            jwk["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData));
        }

        return new JsonObject { ["keys"] = new JsonArray(jwk) }.ToJsonString();
    }

    private async Task<string> RegisterAsync(Action<Client> change)
    {
        var client = new Client
        {
            ClientId = "",
            Name = "Certificates",
            Kind = ClientKind.Web,
            GrantTypes = [ClientGrant.AuthorizationCode, ClientGrant.RefreshToken, ClientGrant.ClientCredentials],
            RedirectUris = ["https://app.example/callback"],
            Scopes = ["openid", "orders.read"],
        };
        change(client);
        var saved = await tls.Server.Get<ClientAdmin>().CreateAsync(client, "test");
        Assert.True(saved is { Saved: true, Secret: null }, string.Join('\n', saved.Problems));
        return saved.ClientId;
    }

    private static void ExpectRefused(JsonAnswer answer) =>
        Assert.True(answer is { Status: HttpStatusCode.Unauthorized, Error: "invalid_client" } && answer.Text("error_description") == "Client authentication failed.", answer.Body.ToString());
}
