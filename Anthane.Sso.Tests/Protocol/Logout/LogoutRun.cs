using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Outbox;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Logout;

/// <summary>A server and relying parties that it tells of the end of sessions.</summary>
public sealed class LogoutRun : IAsyncLifetime
{
    public SsoServer Server { get; private set; } = null!;

    public LogoutReceiver Receiver { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await SsoServer.StartAsync();
        Receiver = await LogoutReceiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>A first-party app that is told at a path of its own.</summary>
    public Task<OidcApp> AppAsync(string path, SsoServer? at = null) => OidcApp.RegisterAsync(at ?? Server, client =>
    {
        client.FirstParty = true;
        client.BackchannelLogoutUri = Receiver.Address + path;
        client.BackchannelLogoutSessionRequired = true;
    });

    /// <summary>Somebody who is signed in and has tokens at each of the apps.</summary>
    public async Task<(OidcFlow Flow, JsonAnswer Tokens)> SignedInAsync(params OidcApp[] apps)
    {
        var flow = await Server.SignedInAsync(apps[0]);
        var tokens = await flow.TokensAsync();
        foreach (var app in apps[1..])
        {
            await new OidcFlow(Server, app, flow.Browser).TokensAsync();
        }

        return (flow, tokens);
    }

    /// <summary>Signs out as an app would have it.</summary>
    public static Task<HttpResponseMessage> SignOutAsync(OidcFlow flow, JsonAnswer tokens) => flow.EndSessionAsync(("id_token_hint", tokens.IdToken));

    public async Task<LogoutMessageStatus> StatusAsync(OidcApp app) => Assert.Single(await Server.Get<LogoutStatus>().ListAsync(app.ClientId, 10));

    public async Task<LogoutMessageStatus> StatusAsync(OidcApp app, Func<LogoutMessageStatus, bool> expected)
    {
        await Until.TrueAsync(async () => expected(await StatusAsync(app)), $"the expected state of the message to {app.ClientId}");
        return await StatusAsync(app);
    }

    /// <summary>Lets so much time pass, and the deliveries look for what is due.</summary>
    public void Pass(TimeSpan time)
    {
        Server.Clock.Advance(time);
        Server.Get<OutboxWriter>().Signal();
    }

    /// <summary>Checks a token as a relying party does (Back-Channel Logout 1.0 section 2.6).</summary>
    public static async Task<JsonElement> CheckAsync(SsoServer server, OidcApp app, ReceivedPost post)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(post);
        Assert.Equal("application/x-www-form-urlencoded", post.ContentType);
        var keys = new JsonWebKeySet((await server.GetJsonAsync("/.well-known/jwks.json")).Body.ToString());
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(post.Token, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.Keys,
            ValidIssuer = server.Issuer,
            ValidAudience = app.ClientId,
            ValidTypes = ["logout+jwt"],
            LifetimeValidator = (_, expires, _, _) => expires > server.Clock.GetUtcNow().UtcDateTime,
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        return JsonAnswer.PayloadOf(post.Token);
    }
}
