using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>The attack book's authorization cases run one after the other against one server, so that a case may move the clock.</summary>
[CollectionDefinition]
public sealed class AuthorizeCollection : ICollectionFixture<AuthorizeRun>;

/// <summary>A server with the apps of the cases, and the two outcomes that the attack book names PAGE400 and RDR.</summary>
public sealed class AuthorizeRun : IAsyncLifetime
{
    public SsoServer Server { get; private set; } = null!;

    /// <summary>First party, public, PKCE: https://app.example/cb.</summary>
    public OidcApp Browser { get; private set; } = null!;

    /// <summary>Third party, confidential, without the PKCE rule.</summary>
    public OidcApp Web { get; private set; } = null!;

    /// <summary>Third party, native: http://127.0.0.1/cb and a private scheme.</summary>
    public OidcApp Native { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await SsoServer.StartAsync();
        Browser = await OidcApp.RegisterAsync(Server, client =>
            (client.ClientId, client.Kind, client.FirstParty, client.RedirectUris) = ("az-browser", Oidc.Clients.ClientKind.Browser, true, ["https://app.example/cb"]));
        Web = await OidcApp.RegisterAsync(Server, client => (client.ClientId, client.Rules, client.RedirectUris) = ("az-web", [], ["https://web.example/cb"]));
        Native = await OidcApp.RegisterAsync(Server, client =>
            (client.ClientId, client.Kind, client.RedirectUris) = ("az-native", Oidc.Clients.ClientKind.Native, ["http://127.0.0.1/cb", "com.example.app:/cb"]));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    public OidcFlow Flow() => new(Server, Browser);

    /// <summary>PAGE400: our page, nothing is sent anywhere.</summary>
    public static async Task ExpectPageAsync(HttpResponseMessage response, string? because = null)
    {
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{because}: {response.StatusCode} {response.Headers.Location}");
        Assert.Null(response.Headers.Location);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.NotNull((await TestBrowser.ReadAsync(response)).QuerySelector("#support"));
    }

    /// <summary>RDR: a redirect to the registered URI with the error, the state and the issuer.</summary>
    public void ExpectRedirect(OidcFlow flow, HttpResponseMessage response, string error)
    {
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var answer = AuthorizationAnswer.Of(response, flow.App.RedirectUri);
        Assert.True(answer is not null, response.Headers.Location?.OriginalString);
        Assert.Equal(error, answer.Error);
        Assert.Equal(flow.State, answer.State ?? "");
        Assert.Equal(Server.Issuer, answer.Issuer);
        Assert.False(answer.Values.ContainsKey("code"));
    }
}
