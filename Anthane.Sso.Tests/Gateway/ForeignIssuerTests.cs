using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Issuers that are not ours, by configuration alone: the wire is the only seam.</summary>
public sealed class ForeignIssuerTests : IAsyncLifetime
{
    private const string Realm = "https://keycloak.test/realms/acme";
    private const string Tenant = "https://login.microsoftonline.test/11111111-2222-3333-4444-555555555555/v2.0";
    private readonly FakeClock clock = new(TimeProvider.System.GetUtcNow());
    private readonly RawServer upstream = new();
    private TestIssuer keycloak = null!;
    private TestIssuer entra = null!;

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    public ValueTask InitializeAsync()
    {
        keycloak = new TestIssuer(clock, Realm) { Key = TestKey.Rsa("FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE") };
        entra = new TestIssuer(clock, Tenant) { Key = TestKey.Rsa("nOo3ZDrODXEK1jKWhXslHR_KXEg", other: true) };
        keycloak.Keys = [keycloak.Key];
        entra.Keys = [entra.Key];

        // Keycloak publishes its encryption key beside the other; Entra leaves alg out and brings the certificate.
        keycloak.Jwks = () => new JsonObject
        {
            ["keys"] = new JsonArray(keycloak.Key.Jwk.DeepClone(), With(TestKey.Rsa("enc").Jwk, ("use", "enc"), ("alg", "RSA-OAEP"))),
        }.ToJsonString();
        entra.Jwks = () =>
        {
            var jwk = With(entra.Key.Jwk, ("x5t", entra.Key.KeyId), ("issuer", Tenant));
            jwk.Remove("alg");
            jwk["x5c"] = new JsonArray("MIIC");
            return new JsonObject { ["keys"] = new JsonArray(jwk) }.ToJsonString();
        };
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await keycloak.DisposeAsync();
        await entra.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_person_of_Keycloak_is_known_by_its_claim_names()
    {
        await using var gateway = await StartAsync();
        var seen = await PassedAsync(gateway, "/kc/x", Keycloak());
        Assert.Equal(Realm, seen["x-jwt-iss"]);
        Assert.Equal("f:1:alice", seen["x-jwt-sub"]);
        Assert.Equal("user", seen["x-jwt-principal"]);
        Assert.Equal("notes", seen["x-jwt-client-id"]);
        Assert.Equal("offline_access,buyer", seen["x-jwt-roles"]);
        Assert.Equal("alice@acme.test", seen["x-jwt-email"]);
        Assert.Equal("alice", seen["x-user-name"]);
        Assert.Equal("openid%20email%20profile", seen["x-jwt-scope"]);
    }

    [Fact]
    public async Task A_service_account_of_Keycloak_is_a_client()
    {
        await using var gateway = await StartAsync();
        var seen = await PassedAsync(gateway, "/kc/x", Keycloak(claims => (claims["client_id"], claims["preferred_username"]) = ("worker", "service-account-worker")));
        Assert.Equal("client", seen["x-jwt-principal"]);
    }

    [Theory]
    [InlineData("ID")]
    [InlineData("Refresh")]
    [InlineData("Logout")]
    public async Task JV_11_another_token_of_Keycloak_is_no_access_token_although_its_typ_is_JWT_too(string kind)
    {
        await using var gateway = await StartAsync();
        Assert.Equal(401, (await gateway.GetAsync("/kc/x", Keycloak(claims => claims["typ"] = kind))).Status);
    }

    [Fact]
    public async Task A_person_of_Entra_is_known_by_its_claim_names()
    {
        await using var gateway = await StartAsync();
        var seen = await PassedAsync(gateway, "/entra/x", Entra());
        Assert.Equal(Tenant, seen["x-jwt-iss"]);
        Assert.Equal("user", seen["x-jwt-principal"]);
        Assert.Equal("aaaa-client", seen["x-jwt-client-id"]);
        Assert.Equal("Orders.Admin", seen["x-jwt-roles"]);
        Assert.Equal("Orders.Read%20User.Read", seen["x-jwt-scope"]);
        Assert.Equal("alice@contoso.test", seen["x-jwt-email"]);
        Assert.Equal("object-1", seen["x-object"]);
    }

    [Fact]
    public async Task A_service_of_Entra_is_a_client_and_has_roles_and_no_scopes()
    {
        await using var gateway = await StartAsync();
        var token = Entra(claims =>
        {
            claims["idtyp"] = "app";
            claims.Remove("scp");
        });
        Assert.Equal("client", (await PassedAsync(gateway, "/any/x", token))["x-jwt-principal"]);
        var refused = await gateway.GetAsync("/entra/x", token);
        Assert.Equal(403, refused.Status);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"Orders.Read\"", refused["WWW-Authenticate"]);
    }

    [Fact]
    public async Task JV_12_an_ID_token_of_Entra_is_no_access_token()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(401, (await gateway.GetAsync("/any/x", Entra(claims => claims["nonce"] = "n"))).Status);
        Assert.Equal(401, (await gateway.GetAsync("/any/x", Entra(claims => claims["at_hash"] = "h"))).Status);
    }

    [Fact]
    public async Task JV_16_a_token_of_one_issuer_opens_no_route_of_another_and_keys_are_never_mixed()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(401, (await gateway.GetAsync("/kc/x", Entra())).Status);
        Assert.Equal(401, (await gateway.GetAsync("/entra/x", Keycloak())).Status);
        var mixed = entra.Sign($$"""{"alg":"RS256","typ":"JWT","kid":"{{keycloak.Key.KeyId}}"}""", EntraClaims().ToJsonString(), keycloak.Key);
        Assert.Equal(401, (await gateway.GetAsync("/entra/x", mixed)).Status);

        // The same name of a key at both is two keys.
        keycloak.Keys = [keycloak.Key];
        var stolen = entra.Sign($$"""{"alg":"RS256","typ":"JWT","kid":"{{entra.Key.KeyId}}"}""", EntraClaims().ToJsonString(), keycloak.Key);
        Assert.Equal(401, (await gateway.GetAsync("/entra/x", stolen)).Status);
    }

    [Fact]
    public async Task The_npm_oidc_provider_stands_in_for_the_sign_on_service()
    {
        var address = $"http://localhost:{FreePorts.Take(1)[0]}";
        using var provider = ClientScript.Start(["provider.mjs"], new Dictionary<string, string>
        {
            ["SETTINGS"] = JsonSerializer.Serialize(new
            {
                issuer = address,
                clients = new[]
                {
                    new
                    {
                        client_id = "worker", client_secret = "worker-secret-of-a-test-0001", token_endpoint_auth_method = "client_secret_basic",
                        grant_types = new[] { "client_credentials" }, response_types = Array.Empty<string>(), redirect_uris = Array.Empty<string>(),
                    },
                },
                apis = new[] { new { audience = TestIssuer.Audience, scopes = new[] { "orders.read" } } },
                mayHave = new { worker = new[] { "orders.read" } },
                withoutPkce = Array.Empty<string>(),
            }),
        });
        try
        {
            Assert.Contains("ready", await provider.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            await using var gateway = await TestGateway.StartAsync(clock, TestGateway.Routes(TestGateway.Route(upstream, change: route =>
                route["AuthenticationOptions"] = new JsonObject { ["AllowedScopes"] = new JsonArray("orders.read") })),
                new() { ["Gateway:Issuers:npm:Authority"] = address, ["Gateway:Issuers:npm:Audiences:0"] = TestIssuer.Audience }, 0);
            var token = await TokenAsync(address);
            var seen = await PassedAsync(gateway, "/orders", token);
            Assert.Equal(address, seen["x-jwt-iss"]);
            Assert.Equal("worker", seen["x-jwt-client-id"]);
            Assert.Equal("client", seen["x-jwt-principal"]);
            Assert.Equal("orders.read", seen["x-jwt-scope"]);
            Assert.Equal(401, (await gateway.GetAsync("/orders", token[..^4] + "AAAA")).Status);
        }
        finally
        {
            provider.Kill();
        }
    }

    private static async Task<string> TokenAsync(string address)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, address + "/connect/token") { Headers = { Authorization = OidcFlow.BasicOf("worker", "worker-secret-of-a-test-0001") } };
        request.Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", "orders.read"), new("resource", TestIssuer.Audience)]);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        return (string?)body!["access_token"] ?? throw new InvalidOperationException(body.ToJsonString());
    }

    private static JsonObject With(JsonObject jwk, params (string Name, string Value)[] members)
    {
        var copy = jwk.DeepClone().AsObject();
        foreach (var (name, value) in members)
            copy[name] = value;
        return copy;
    }

    private async Task<RawMessage> PassedAsync(TestGateway gateway, string target, string token)
    {
        var answer = await gateway.GetAsync(target, token);
        Assert.True(answer.Status == 200, $"{answer.Status} {gateway.Log.Text}");
        return upstream.Last;
    }

    private string Keycloak(Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["exp"] = Now + 300, ["iat"] = Now, ["jti"] = "onrtac:1", ["iss"] = Realm, ["aud"] = new JsonArray("orders-api", "account"), ["sub"] = "f:1:alice", ["typ"] = "Bearer",
            ["azp"] = "notes", ["sid"] = "s-1", ["acr"] = "1", ["allowed-origins"] = new JsonArray("https://notes.test"),
            ["realm_access"] = new JsonObject { ["roles"] = new JsonArray("offline_access", "buyer") },
            ["resource_access"] = new JsonObject { ["account"] = new JsonObject { ["roles"] = new JsonArray("manage-account") } },
            ["scope"] = "openid email profile", ["email_verified"] = true, ["name"] = "Alice Liddell", ["preferred_username"] = "alice", ["given_name"] = "Alice",
            ["family_name"] = "Liddell", ["email"] = "alice@acme.test",
        };
        change?.Invoke(claims);
        return keycloak.Sign($$"""{"alg":"RS256","typ" : "JWT","kid" : "{{keycloak.Key.KeyId}}"}""", claims.ToJsonString());
    }

    private JsonObject EntraClaims() => new()
    {
        ["aud"] = "0b0b0b0b-api", ["iss"] = Tenant, ["iat"] = Now, ["nbf"] = Now, ["exp"] = Now + 4000, ["aio"] = "AVQ", ["azp"] = "aaaa-client", ["azpacr"] = "0", ["name"] = "Alice",
        ["oid"] = "object-1", ["preferred_username"] = "alice@contoso.test", ["rh"] = "0.A", ["roles"] = new JsonArray("Orders.Admin"), ["scp"] = "Orders.Read User.Read", ["sid"] = "s",
        ["sub"] = "pairwise-1", ["tid"] = "11111111-2222-3333-4444-555555555555", ["uti"] = "u", ["ver"] = "2.0",
    };

    private string Entra(Action<JsonObject>? change = null)
    {
        var claims = EntraClaims();
        change?.Invoke(claims);
        return entra.Sign($$"""{"typ":"JWT","alg":"RS256","kid":"{{entra.Key.KeyId}}"}""", claims.ToJsonString());
    }

    private Task<TestGateway> StartAsync() => TestGateway.StartAsync(clock, TestGateway.Routes(
        TestGateway.Route(upstream, "/kc/{everything}", route =>
        {
            route["AuthenticationOptions"] = new JsonObject { ["AuthenticationProviderKeys"] = new JsonArray("keycloak") };
            route["RouteClaimsRequirement"] = new JsonObject { ["realm_access.roles"] = "buyer" };
            route["AddHeadersToRequest"] = new JsonObject { ["x-user-name"] = "Claims[preferred_username] > value" };
        }),
        TestGateway.Route(upstream, "/entra/{everything}", route =>
        {
            route["AuthenticationOptions"] = new JsonObject { ["AuthenticationProviderKeys"] = new JsonArray("entra"), ["AllowedScopes"] = new JsonArray("Orders.Read") };
            route["AddHeadersToRequest"] = new JsonObject { ["x-object"] = "Claims[oid] > value" };
        }),
        TestGateway.Route(upstream, "/any/{everything}")), new()
    {
        ["Gateway:Issuers:keycloak:Authority"] = Realm,
        ["Gateway:Issuers:keycloak:Audiences:0"] = "orders-api",
        ["Gateway:Issuers:keycloak:MetadataAddress"] = $"{keycloak.Url}/.well-known/openid-configuration",
        ["Gateway:Issuers:keycloak:TokenTypes:0"] = "JWT",
        ["Gateway:Issuers:keycloak:Claims:Roles"] = "realm_access.roles",
        ["Gateway:Issuers:keycloak:Claims:ServiceWhen:client_id"] = "*",
        ["Gateway:Issuers:entra:Authority"] = Tenant,
        ["Gateway:Issuers:entra:Audiences:0"] = "0b0b0b0b-api",
        ["Gateway:Issuers:entra:MetadataAddress"] = $"{entra.Url}/.well-known/openid-configuration",
        ["Gateway:Issuers:entra:TokenTypes:0"] = "JWT",
        ["Gateway:Issuers:entra:Claims:Scope"] = "scp",
        ["Gateway:Issuers:entra:Claims:Email"] = "preferred_username",
        ["Gateway:Issuers:entra:Claims:EmailIsVerified"] = "true",
        ["Gateway:Issuers:entra:Claims:ServiceWhen:idtyp"] = "app",
    }, 0);
}
