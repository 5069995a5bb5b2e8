using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>A server and two clients of the profile fapi2, as the suite has them: private_key_jwt, DPoP, redirect URIs of their own.</summary>
public sealed class Fapi2Run : IAsyncLifetime
{
    public const string SecondRedirectUri = "https://app.example/callback?dummy1=lorem&dummy2=ipsum";

    public SsoServer Server { get; private set; } = null!;

    internal Fapi2Client First { get; private set; } = null!;

    internal Fapi2Client Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await SsoServer.StartAsync();
        First = await RegisterAsync("https://app.example/callback");
        Second = await RegisterAsync(SecondRedirectUri);
    }

    public async ValueTask DisposeAsync()
    {
        First.Dispose();
        Second.Dispose();
        await Server.DisposeAsync();
    }

    private async Task<Fapi2Client> RegisterAsync(string redirectUri)
    {
        var client = await SigningClient.RegisterAsync(Server, TestKey.Ec(redirectUri.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), row =>
            (row.Profile, row.RedirectUris, row.Scopes, row.FirstParty) = (ClientProfile.Fapi2.Name, [redirectUri], ["openid", "profile", "email", "orders.read"], true));
        return new Fapi2Client(client, redirectUri);
    }
}

/// <summary>What one of the suite's two clients does.</summary>
internal sealed class Fapi2Client(SigningClient client, string redirectUri) : IDisposable
{
    private readonly SsoServer server = client.Server;

    public string ClientId => client.ClientId;

    public DpopSender Sender { get; } = new(client.Server);

    public (string Name, string Value)[] Credentials => [("client_assertion_type", SigningClient.AssertionType), ("client_assertion", client.Assertion())];

    /// <summary>A browser in which nobody is signed in.</summary>
    public OidcFlow Flow() => new(server, new OidcApp(client.ClientId, null, redirectUri));

    public async Task<OidcFlow> SignedInAsync()
    {
        var flow = Flow();
        await flow.SignInQuicklyAsync();
        return flow;
    }

    public Task<JsonAnswer> PushAsync(OidcFlow flow, params (string Name, string? Value)[] changes) =>
        server.PostFormAsync("/connect/par", [.. flow.Parameters([("client_id", null), .. changes]), .. Credentials]);

    /// <summary>Pushes, and opens what was pushed with parameters more in the address.</summary>
    public async Task<HttpResponseMessage> OpenAsync(OidcFlow flow, JsonAnswer pushed, string more = "")
    {
        Assert.True(pushed.Status == HttpStatusCode.Created, pushed.Body.ToString());
        return await flow.Browser.GetAsync(AddressOf(pushed) + more);
    }

    public string AddressOf(JsonAnswer pushed) => $"/connect/authorize?client_id={client.ClientId}&request_uri={Uri.EscapeDataString(pushed.Text("request_uri"))}";

    public async Task<AuthorizationAnswer> AnswerAsync(OidcFlow flow, params (string Name, string? Value)[] changes) =>
        await flow.ReadAsync(await flow.WalkAsync(await OpenAsync(flow, await PushAsync(flow, changes))));

    /// <summary>Redeems a code with a proof and an assertion.</summary>
    public Task<JsonAnswer> RedeemAsync(string code, params (string Name, string? Value)[] changes) => RedeemAsync(code, Sender, changes);

    public Task<JsonAnswer> RedeemAsync(string code, DpopSender sender, params (string Name, string? Value)[] changes)
    {
        (string Name, string? Value)[] good = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectUri), ("code_verifier", OidcFlow.Verifier), .. Credentials];
        var form = good.Where(field => changes.All(change => change.Name != field.Name)).Concat(changes).Where(field => field.Value is not null).Select(field => (field.Name, field.Value!));
        return server.PostAsync("/connect/token", [sender.ForToken()], [.. form]);
    }

    public void Dispose() => Sender.Dispose();
}
