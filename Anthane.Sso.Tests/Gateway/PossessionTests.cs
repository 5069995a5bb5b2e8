using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Tokens that are bound to a key (DPoP, RFC 9449) or to a certificate (RFC 8705): whoever stole one has nothing.</summary>
public sealed class PossessionTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private TestIssuer issuer = null!;
    private TestGateway gateway = null!;

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    private string Here => "http://gateway.test/orders";

    public async ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        gateway = await TestGateway.StartAsync(clock, issuer, Routes());
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        key.Dispose();
    }

    [Fact]
    public async Task C24_a_bound_token_passes_with_a_proof_of_its_key_and_the_proof_goes_no_further()
    {
        var token = Bound();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await SendAsync(token, Proof(token))).Status);
            Assert.Equal("alice-id", upstream.Last["x-jwt-sub"]);
            Assert.Null(upstream.Last["DPoP"]);
        }
    }

    [Fact]
    public async Task TK_32_a_bound_token_as_bearer_and_an_unbound_one_as_DPoP_are_refused()
    {
        var token = Bound();
        var asBearer = await RefusedAsync(() => gateway.GetAsync("/orders", token, $"DPoP: {Proof(token)}"));
        Assert.StartsWith("Bearer error=\"invalid_token\"", asBearer["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.Contains("DPoP error=\"invalid_token\"", asBearer["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.Contains("algs=\"ES256 PS256\"", asBearer["WWW-Authenticate"], StringComparison.Ordinal);

        var plain = issuer.Token();
        Assert.Equal(200, (await gateway.GetAsync("/orders", plain)).Status);
        var asDpop = await RefusedAsync(() => SendAsync(plain, Proof(plain)));
        Assert.StartsWith("DPoP error=\"invalid_token\"", asDpop["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task C24_one_proof_is_enough_for_all_calls_of_an_aggregate_and_for_no_second_request()
    {
        var ocelot = JsonNode.Parse(TestGateway.Routes(
            TestGateway.Route(upstream, "/one", route => route["Key"] = "One"), TestGateway.Route(upstream, "/two", route => route["Key"] = "Two")))!;
        ocelot["Aggregates"] = new JsonArray(new JsonObject { ["UpstreamPathTemplate"] = "/orders", ["RouteKeys"] = new JsonArray("One", "Two") });
        await using var together = await TestGateway.StartAsync(clock, issuer, ocelot.ToJsonString());
        var token = Bound();
        var proof = Proof(token);
        Assert.Equal(200, (await RawClient.GetAsync(together.Port, "/orders", $"Authorization: DPoP {token}", $"DPoP: {proof}")).Status);
        Assert.Equal(["/one", "/two"], upstream.Requests.Select(request => request.Target).Order());
        Assert.Equal(401, (await RawClient.GetAsync(together.Port, "/orders", $"Authorization: DPoP {token}", $"DPoP: {proof}")).Status);
    }

    [Fact]
    public async Task TK_26_a_proof_works_once()
    {
        var token = Bound();
        var proof = Proof(token);
        Assert.Equal(200, (await SendAsync(token, proof)).Status);
        await BadProofAsync(token, proof);
        clock.Advance(TimeSpan.FromSeconds(59));
        await BadProofAsync(token, proof);
        clock.Advance(TimeSpan.FromSeconds(3));
        await BadProofAsync(token, proof);
        Assert.Equal(200, (await SendAsync(token, Proof(token))).Status);
    }

    [Fact]
    public async Task TK_27_a_proof_is_for_one_method_and_address()
    {
        var token = Bound();
        foreach (var target in new[]
        {
            "http://gateway.test/orders/", "http://gateway.test/Orders", "http://other.test/orders", "https://gateway.test/orders", "http://gateway.test:81/orders",
            "http://u@gateway.test/orders", "/orders", "",
        })
            await BadProofAsync(token, Proof(token, claims => claims["htu"] = target));
        foreach (var method in new[] { "POST", "get", "" })
            await BadProofAsync(token, Proof(token, claims => claims["htm"] = method));

        // Query and fragment do not count, nor does the scheme's own port or the case of a host.
        Assert.Equal(200, (await SendAsync(token, Proof(token, claims => claims["htu"] = "HTTP://GATEWAY.test:80/orders?a=b#c"), "/orders?x=y")).Status);
    }

    [Fact]
    public async Task TK_28_a_proof_is_for_one_token()
    {
        var token = Bound();
        await BadProofAsync(token, Proof(token, claims => claims.Remove("ath")));
        await BadProofAsync(token, Proof(issuer.Token()));
    }

    [Theory]
    [InlineData(-60, true)]
    [InlineData(10, true)]
    [InlineData(-61, false)]
    [InlineData(31, false)]
    [InlineData(-300, false)]
    public async Task TK_29_a_proof_is_of_now(int seconds, bool passes)
    {
        var token = Bound();
        var proof = Proof(token, claims => claims["iat"] = Now + seconds);
        if (passes)
            Assert.Equal(200, (await SendAsync(token, proof)).Status);
        else
            await BadProofAsync(token, proof);
    }

    [Fact]
    public async Task TK_30_a_proof_of_the_wrong_make_is_refused()
    {
        var token = Bound();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        await BadProofAsync(token, Proof(token, header: header => header["typ"] = "JWT"));
        await BadProofAsync(token, Proof(token, header: header => header["alg"] = "none"));
        await BadProofAsync(token, Proof(token, header: header => header["alg"] = "HS256"));
        await BadProofAsync(token, Proof(token, header: header => header["alg"] = "PS256"));
        await BadProofAsync(token, Proof(token, header: header => header.Remove("jwk")));
        await BadProofAsync(token, Proof(token, header: header => header["jwk"]!["d"] = "AAAA"));
        await BadProofAsync(token, Proof(token, header: header => header["jwk"]!["crv"] = "P-384"));
        await BadProofAsync(token, Proof(token, header: header => header["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = "AAAA" }));
        await BadProofAsync(token, Proof(token, header: header => header["crit"] = new JsonArray("x")));
        await BadProofAsync(token, Proof(token, header: header => header["jwk"] = Jwk(other)));
        await BadProofAsync(token, Proof(token, header: header => header["jwk"] = Jwk(other), by: other));
        await BadProofAsync(token, Proof(token, by: other));
        await BadProofAsync(token, Proof(token, claims => claims.Remove("jti")));
        await BadProofAsync(token, Proof(token, claims => claims["iat"] = Now.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        await BadProofAsync(token, "x.y.z");
        await BadProofAsync(token, new string('a', 9000));
    }

    [Fact]
    public async Task TK_31_two_proofs_or_none_are_refused()
    {
        var token = Bound();
        await RefusedAsync(() => RawClient.GetAsync(gateway.Port, "/orders", $"Authorization: DPoP {token}"));
        await RefusedAsync(() => RawClient.GetAsync(gateway.Port, "/orders", $"Authorization: DPoP {token}", $"DPoP: {Proof(token)}", $"DPoP: {Proof(token)}"));
    }

    [Fact]
    public async Task JV_33_what_a_token_is_bound_to_must_be_checkable()
    {
        foreach (var confirmation in new[] { """{"jkt":"abc"}""", """{"kid":"x"}""", """{"jwk":{}}""", "\"x\"", $$"""{"jkt":"{{Thumbprint(key)}}","osc":"x"}""" })
        {
            var token = issuer.Token(claims => claims["cnf"] = JsonNode.Parse(confirmation));
            await RefusedAsync(() => SendAsync(token, Proof(token)));
        }
    }

    [Fact]
    public async Task A_proof_passes_on_open_routes_where_the_sign_on_service_may_wait_for_it()
    {
        Assert.Equal(200, (await RawClient.GetAsync(gateway.Port, "/open/token", "DPoP: anything")).Status);
        Assert.Equal("anything", upstream.Last["DPoP"]);
    }

    [Fact]
    public async Task JV_33_a_token_bound_to_a_certificate_needs_the_connection_to_have_it()
    {
        using var server = SelfSigned.For("localhost");
        using var own = Exportable("client");
        using var foreign = Exportable("thief");
        var folder = Directory.CreateTempSubdirectory("anthane-mtls-");
        try
        {
            var file = Path.Combine(folder.FullName, "gateway.pfx");
            await File.WriteAllBytesAsync(file, server.Export(X509ContentType.Pfx, "password"), TestContext.Current.CancellationToken);
            await using var tls = await TestGateway.StartAsync(clock, issuer, Routes(), new()
            {
                ["Kestrel:Endpoints:Https:Url"] = "https://127.0.0.1:0",
                ["Kestrel:Endpoints:Https:Certificate:Path"] = file,
                ["Kestrel:Endpoints:Https:Certificate:Password"] = "password",
                ["Gateway:ClientCertificates"] = "true",
            });
            var address = tls.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(one => one.StartsWith("https", StringComparison.Ordinal));
            var token = issuer.Token(claims => claims["cnf"] = new JsonObject { ["x5t#S256"] = Base64Url.EncodeToString(SHA256.HashData(own.RawData)) });
            Assert.Equal(200, await StatusAsync(address, token, own));
            Assert.Equal(200, await StatusAsync(address, token, own, "/both"));
            Assert.Equal(401, await StatusAsync(address, token, foreign, "/both"));
            Assert.Equal(401, await StatusAsync(address, token, foreign));
            Assert.Equal(401, await StatusAsync(address, token, null));
            Assert.Equal(200, await StatusAsync(address, issuer.Token(), null));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task TK_26_an_aggregate_uses_a_proof_up_once_for_all_its_calls()
    {
        var token = Bound();
        var proof = Proof(token, claims => claims["htu"] = "http://gateway.test/both");
        var before = upstream.Hits;
        Assert.Equal(200, (await SendAsync(token, proof, "/both")).Status);
        Assert.Equal(before + 2, upstream.Hits);
        var again = await RefusedAsync(() => SendAsync(token, proof, "/both"));
        Assert.StartsWith("DPoP error=\"invalid_dpop_proof\"", again["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public void TK_26_a_memory_full_of_proofs_refuses_further_ones_and_forgets_none()
    {
        var used = new Anthane.Gateway.Authentication.UsedProofs(clock, capacity: 2);
        Assert.Equal("First", used.Use("key", "a", Now + 60).ToString());
        Assert.Equal("First", used.Use("key", "b", Now + 60).ToString());
        Assert.Equal("Full", used.Use("key", "c", Now + 60).ToString());
        Assert.Equal("Again", used.Use("key", "a", Now + 60).ToString());
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("First", used.Use("key", "c", Now + 60).ToString());
    }

    private static async Task<int> StatusAsync(string address, string token, X509Certificate2? certificate, string path = "/orders")
    {
#pragma warning disable CA5359 // The test's own server, made a moment ago.
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359
        if (certificate is not null)
            handler.ClientCertificates.Add(certificate);
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, address + path) { Headers = { Authorization = new("Bearer", token) } };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    private static X509Certificate2 Exportable(string name)
    {
        using var made = SelfSigned.For(name);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    private static JsonObject Jwk(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    private static string Thumbprint(ECDsa key)
    {
        var jwk = Jwk(key);
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{jwk["x"]}}","y":"{{jwk["y"]}}"}""")));
    }

    private string Routes()
    {
        var routes = JsonNode.Parse(TestGateway.Routes(
            TestGateway.Route(upstream, "/open/{everything}", route => route["AuthenticationOptions"] = new JsonObject { ["AllowAnonymous"] = true }),
            TestGateway.Route(upstream, "/a", route => route["Key"] = "a"),
            TestGateway.Route(upstream, "/b", route => route["Key"] = "b"),
            TestGateway.Route(upstream)))!;
        routes["Aggregates"] = JsonNode.Parse("""[{"UpstreamPathTemplate":"/both","RouteKeys":["a","b"]}]""");
        return routes.ToJsonString();
    }

    private string Bound() => issuer.Token(claims => claims["cnf"] = new JsonObject { ["jkt"] = Thumbprint(key) });

    private string Proof(string token, Action<JsonObject>? claims = null, Action<JsonObject>? header = null, ECDsa? by = null)
    {
        var head = new JsonObject { ["typ"] = "dpop+jwt", ["alg"] = "ES256", ["jwk"] = Jwk(key) };
        var body = new JsonObject
        {
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(8)), ["htm"] = "GET", ["htu"] = Here, ["iat"] = Now,
            ["ath"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token))),
        };
        header?.Invoke(head);
        claims?.Invoke(body);
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(body.ToJsonString()))}";
        return $"{signed}.{Base64Url.EncodeToString((by ?? key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private Task<RawMessage> SendAsync(string token, string proof, string target = "/orders") => RawClient.GetAsync(gateway.Port, target, $"Authorization: DPoP {token}", $"DPoP: {proof}");

    private async Task BadProofAsync(string token, string proof)
    {
        var refused = await RefusedAsync(() => SendAsync(token, proof));
        Assert.StartsWith("DPoP error=\"invalid_dpop_proof\"", refused["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.Contains("algs=\"ES256 PS256\"", refused["WWW-Authenticate"], StringComparison.Ordinal);
    }

    private async Task<RawMessage> RefusedAsync(Func<Task<RawMessage>> send)
    {
        var before = upstream.Hits;
        var response = await send();
        Assert.Equal(401, response.Status);
        Assert.Equal(before, upstream.Hits);
        return response;
    }
}
