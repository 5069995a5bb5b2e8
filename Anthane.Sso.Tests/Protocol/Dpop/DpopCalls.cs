using System.Net.Http.Headers;
using System.Text;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Dpop;

/// <summary>Requests with DPoP headers, however many.</summary>
internal static class DpopCalls
{
    public static Task<JsonAnswer> PostAsync(this SsoServer server, string path, string[] proofs, params (string Name, string Value)[] form) =>
        server.PostAsync(path, proofs, authorization: null, form);

    public static Task<JsonAnswer> PostAsync(this SsoServer server, string path, string[] proofs, string? authorization, params (string Name, string Value)[] form)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, path))
        {
            Content = new StringContent(
                string.Join('&', form.Select(field => $"{Uri.EscapeDataString(field.Name)}={Uri.EscapeDataString(field.Value)}")),
                Encoding.ASCII,
                new MediaTypeHeaderValue("application/x-www-form-urlencoded")),
        };
        return server.SendAsync(With(request, proofs, authorization));
    }

    public static Task<JsonAnswer> UserInfoAsync(this SsoServer server, string authorization, params string[] proofs) =>
        server.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/connect/userinfo")), proofs, authorization));

    /// <summary>A client credentials token for the demo's worker.</summary>
    public static Task<JsonAnswer> WorkerAsync(this SsoServer server, params string[] proofs) => server.PostAsync("/connect/token", proofs, BackChannel.Worker);

    /// <summary>Redeems a code with a proof, as a public app.</summary>
    public static Task<JsonAnswer> RedeemAsync(this OidcFlow flow, string code, params string[] proofs) => flow.Server.PostAsync(
        "/connect/token",
        proofs,
        Authorization(flow.App),
        [("grant_type", "authorization_code"), ("client_id", flow.App.ClientId), ("code", code), ("redirect_uri", flow.App.RedirectUri), .. Verifier(flow.App)]);

    /// <summary>Refreshes with a proof.</summary>
    public static Task<JsonAnswer> RefreshAsync(this OidcFlow flow, string token, params string[] proofs) => flow.Server.PostAsync(
        "/connect/token",
        proofs,
        Authorization(flow.App),
        ("grant_type", "refresh_token"),
        ("client_id", flow.App.ClientId),
        ("refresh_token", token));

    /// <summary>Pushes a request with a proof.</summary>
    public static Task<JsonAnswer> PushAsync(this OidcFlow flow, string[] proofs, params (string Name, string? Value)[] changes) =>
        flow.Server.PostAsync("/connect/par", proofs, Authorization(flow.App), flow.Parameters(changes));

    /// <summary>Opens what was pushed, and takes the code.</summary>
    public static async Task<string> CodeOfAsync(this OidcFlow flow, JsonAnswer pushed)
    {
        var opened = await flow.Browser.GetAsync($"/connect/authorize?client_id={flow.App.ClientId}&request_uri={Uri.EscapeDataString(pushed.Text("request_uri"))}");
        return (await flow.ReadAsync(await flow.WalkAsync(opened))).Code;
    }

    public static string? NonceOf(this JsonAnswer answer) => answer.Response.Headers.TryGetValues("DPoP-Nonce", out var values) ? Assert.Single(values) : null;

    public static string Challenge(this JsonAnswer answer) => answer.Response.Headers.WwwAuthenticate.ToString();

    private static string? Authorization(OidcApp app) => app.Secret is null ? null : OidcFlow.BasicOf(app.ClientId, app.Secret).ToString();

    private static (string, string)[] Verifier(OidcApp app) => app.Pkce ? [("code_verifier", OidcFlow.Verifier)] : [];

    private static HttpRequestMessage With(HttpRequestMessage request, string[] proofs, string? authorization)
    {
        foreach (var proof in proofs)
        {
            request.Headers.TryAddWithoutValidation("DPoP", proof);
        }

        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return request;
    }
}
