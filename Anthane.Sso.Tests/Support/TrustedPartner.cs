using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Support;

/// <summary>An issuer whose word about Alice a server takes (RFC 7523 section 2.1), and the client that brings it.</summary>
internal sealed class TrustedPartner
{
    public const string Issuer = "https://partner.example";
    public const string Grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string BridgeId = "partner-bridge-client";
    private static readonly TestKey Key = TestKey.Ec("partner-1");
    private readonly SsoServer server;
    private readonly string alice;
    private int made;

    private TrustedPartner(SsoServer server, OidcApp bridge, string alice) => (this.server, Bridge, this.alice) = (server, bridge, alice);

    /// <summary>What a server that trusts it is started with.</summary>
    public static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Sso:TrustedIssuers:0:Name"] = "Partner",
        ["Sso:TrustedIssuers:0:Issuer"] = Issuer,
        ["Sso:TrustedIssuers:0:Jwks"] = SigningClient.Jwks(Key),
        ["Sso:TrustedIssuers:0:Clients:0"] = BridgeId,
    };

    public OidcApp Bridge { get; }

    public static string Header { get; } = new JsonObject { ["alg"] = "ES256", ["kid"] = Key.KeyId }.ToJsonString();

    public static async Task<TrustedPartner> RegisterAsync(SsoServer server)
    {
        var client = new Client { ClientId = BridgeId, Name = "Bridge", Kind = ClientKind.Service, GrantTypes = [ClientGrant.JwtBearer], Scopes = ["orders.read"] };
        var saved = await server.Get<ClientAdmin>().CreateAsync(client, "test");
        Assert.True(saved.Saved, string.Join('\n', saved.Problems));
        return new TrustedPartner(server, new OidcApp(BridgeId, saved.Secret, ""), await server.SubjectIdAsync(Person.Alice));
    }

    /// <summary>Good claims with a jti of their own.</summary>
    public JsonObject Claims()
    {
        var now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject { ["iss"] = Issuer, ["sub"] = alice, ["aud"] = server.Issuer, ["iat"] = now, ["exp"] = now + 60, ["jti"] = $"jti-{Interlocked.Increment(ref made)}" };
    }

    public string Assertion() => Sign(Header, Claims().ToJsonString());

    public static string Sign(string header, string claims)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(Key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
