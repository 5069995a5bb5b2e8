using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Device;

/// <summary>What a device does (RFC 8628), and what its person does at a browser.</summary>
internal static class DeviceRun
{
    public const string Grant = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>A third-party app on a television: no secret, device and refresh grants.</summary>
    public static Task<OidcApp> TelevisionAsync(SsoServer server, Action<Client>? change = null) => OidcApp.RegisterAsync(server, client =>
    {
        (client.Name, client.Kind, client.RedirectUris, client.PostLogoutRedirectUris) = ("Television", ClientKind.Native, [], []);
        client.Scopes = ["openid", "profile", "offline_access", "orders.read", "orders.write"];
        client.GrantTypes = [ClientGrant.DeviceCode, ClientGrant.RefreshToken];
        change?.Invoke(client);
    });

    public static Task<JsonAnswer> AskAsync(this OidcFlow flow, params (string Name, string? Value)[] changes) =>
        flow.PostAsync("/connect/device", [("scope", "openid orders.read")], changes);

    public static Task<JsonAnswer> PollAsync(this OidcFlow flow, JsonAnswer asked, params (string Name, string? Value)[] changes) =>
        flow.PollAsync(asked.Text("device_code"), changes);

    public static Task<JsonAnswer> PollAsync(this OidcFlow flow, string deviceCode, params (string Name, string? Value)[] changes) =>
        flow.TokenAsync([("grant_type", Grant), ("device_code", deviceCode)], changes);

    /// <summary>The person, who is signed in, answers on the real page.</summary>
    public static async Task<HttpResponseMessage> DecideAsync(this TestBrowser browser, string userCode, string button = "#accept")
    {
        var page = await browser.GetAsync("/device/confirm?user_code=" + userCode);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var answer = await browser.PressAsync(page, button);
        Assert.Equal("/device/done", answer.Headers.Location?.ToString());
        return answer;
    }

    /// <summary>A device whose person has allowed what it asks for.</summary>
    public static async Task<JsonAnswer> AllowedAsync(this OidcFlow flow, params (string Name, string? Value)[] changes)
    {
        var asked = await flow.AskAsync(changes);
        await flow.Browser.DecideAsync(asked.Text("user_code"));
        return asked;
    }
}
