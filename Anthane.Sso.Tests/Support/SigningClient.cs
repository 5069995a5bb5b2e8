using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Support;

/// <summary>A client that proves itself by assertions (private_key_jwt): it gets tokens for itself, and can push requests.</summary>
public sealed class SigningClient
{
    /// <summary>RFC 7523 section 2.2.</summary>
    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static readonly Lazy<TestKey> SharedKey = new(() => TestKey.Ec("signing-1"));
    private int made;

    private SigningClient(SsoServer server, string clientId, TestKey key) => (Server, ClientId, Key) = (server, clientId, key);

    public SsoServer Server { get; }

    public string ClientId { get; }

    /// <summary>What it signs with.</summary>
    public TestKey Key { get; set; }

    /// <summary>The same client where people sign in.</summary>
    public OidcApp App => new(ClientId, null, "https://app.example/callback") { Signer = this };

    /// <summary>One that nobody registers.</summary>
    public static SigningClient Unregistered(SsoServer server, string clientId, TestKey? key = null) => new(server, clientId, key ?? SharedKey.Value);

    /// <summary>Registers one at a server that has the demo's APIs.</summary>
    public static async Task<SigningClient> RegisterAsync(SsoServer server, TestKey? key = null, Action<Client>? change = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        key ??= SharedKey.Value;
        var client = new Client
        {
            ClientId = "",
            Name = "Signing",
            Kind = ClientKind.Web,
            FirstParty = true,
            GrantTypes = [ClientGrant.AuthorizationCode, ClientGrant.RefreshToken, ClientGrant.ClientCredentials],
            RedirectUris = ["https://app.example/callback"],
            Scopes = ["openid", "orders.read"],
            TokenEndpointAuthMethod = ClientAuthMethod.PrivateKeyJwt,
            Jwks = Jwks(key),
        };
        change?.Invoke(client);
        var saved = await server.Get<ClientAdmin>().CreateAsync(client, "test");
        Assert.True(saved.Saved, string.Join('\n', saved.Problems));
        return new SigningClient(server, saved.ClientId, key);
    }

    public static string Jwks(params TestKey[] keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.Jwk.DeepClone())]) }.ToJsonString();
    }

    /// <summary>A good assertion, changed as the test likes.</summary>
    public string Assertion(Action<JsonObject>? payload = null, Action<JsonObject>? header = null, TestKey? key = null)
    {
        var (head, body) = (Header(key), Claims());
        header?.Invoke(head);
        payload?.Invoke(body);
        return Sign(head.ToJsonString(), body.ToJsonString(), key);
    }

    public JsonObject Header(TestKey? key = null) => new() { ["alg"] = (key ?? Key).Algorithm, ["kid"] = (key ?? Key).KeyId };

    public JsonObject Claims()
    {
        var now = Server.Clock.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = ClientId, ["sub"] = ClientId, ["aud"] = Server.Issuer, ["iat"] = now, ["exp"] = now + 60, ["jti"] = $"jti-{Interlocked.Increment(ref made)}",
        };
    }

    /// <summary>Signs any two texts, whether they are JSON or not.</summary>
    public string Sign(string header, string payload, TestKey? key = null)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? Key).Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Asks for a token for itself.</summary>
    public Task<JsonAnswer> TokenAsync(string assertion, SsoServer? node = null) => PostAsync(node ?? Server, "/connect/token", assertion, ("grant_type", "client_credentials"));

    /// <summary>Pushes an authorization request.</summary>
    public Task<JsonAnswer> PushAsync(string assertion)
    {
        var flow = new OidcFlow(Server, App);
        return PostAsync(Server, "/connect/par", assertion, flow.Parameters(("client_id", null)));
    }

    public static Task<JsonAnswer> PostAsync(SsoServer server, string path, string assertion, params (string Name, string Value)[] form) =>
        server.PostFormAsync(path, [.. form, ("client_assertion_type", AssertionType), ("client_assertion", assertion)]);
}
