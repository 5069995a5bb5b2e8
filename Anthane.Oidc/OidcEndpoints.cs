using Anthane.Oidc.Endpoints;
using Anthane.Oidc.Endpoints.Authorize;
using Anthane.Oidc.Endpoints.Device;
using Anthane.Oidc.Endpoints.Discovery;
using Anthane.Oidc.Endpoints.EndSession;
using Anthane.Oidc.Endpoints.Introspection;
using Anthane.Oidc.Endpoints.PushedAuthorization;
using Anthane.Oidc.Endpoints.Registration;
using Anthane.Oidc.Endpoints.Revocation;
using Anthane.Oidc.Endpoints.RevocationFeed;
using Anthane.Oidc.Endpoints.Token;
using Anthane.Oidc.Endpoints.UserInfo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Anthane.Oidc;

/// <summary>The table of contents of the protocol: one line per endpoint.</summary>
public static class OidcEndpoints
{
    internal const string Authorize = "/connect/authorize";
    internal const string PushedAuthorization = "/connect/par";
    internal const string DeviceAuthorization = "/connect/device";
    internal const string Token = "/connect/token";
    internal const string UserInfo = "/connect/userinfo";
    internal const string EndSession = "/connect/endsession";
    internal const string Revoke = "/connect/revoke";
    internal const string Introspect = "/connect/introspect";
    internal const string RevocationFeed = "/connect/revocations";
    internal const string Registration = "/connect/register";
    internal const string Jwks = "/.well-known/jwks.json";

    /// <summary>Maps every endpoint of the engine.</summary>
    public static void MapOidc(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var services = app.ServiceProvider;
        var guard = services.GetRequiredService<EndpointGuard>();
        var origins = services.GetRequiredService<BrowserOrigins>();
        var discovery = services.GetRequiredService<DiscoveryEndpoint>();
        var authorize = services.GetRequiredService<AuthorizeEndpoint>();
        var registration = services.GetRequiredService<RegistrationEndpoint>();
        var endSession = services.GetRequiredService<EndSessionEndpoint>();

        Shared("/.well-known/openid-configuration", Get, discovery.MetadataAsync);
        Shared("/.well-known/oauth-authorization-server", Get, discovery.MetadataAsync);
        Shared(Jwks, Get, discovery.JwksAsync);
        Own(Authorize, Get, authorize.GetAsync);
        Own(Authorize, Post, authorize.PostAsync);
        Own(Authorize + "/continue", Get, authorize.ContinueAsync);
        Shared(PushedAuthorization, Post, services.GetRequiredService<PushedAuthorizationEndpoint>().PostAsync);
        Own(DeviceAuthorization, Post, services.GetRequiredService<DeviceAuthorizationEndpoint>().PostAsync);
        Shared(Token, Post, services.GetRequiredService<TokenEndpoint>().PostAsync);
        Shared(UserInfo, GetOrPost, services.GetRequiredService<UserInfoEndpoint>().HandleAsync);
        Own(EndSession, Get, endSession.GetAsync);
        Own(EndSession, Post, endSession.PostAsync);
        Shared(Revoke, Post, services.GetRequiredService<RevocationEndpoint>().PostAsync);
        Own(Introspect, Post, services.GetRequiredService<IntrospectionEndpoint>().PostAsync);
        Own(RevocationFeed, GetOrPost, services.GetRequiredService<RevocationFeedEndpoint>().HandleAsync);
        Own(Registration, Post, registration.PostAsync);
        Own(Registration + "/{clientId}", Get, registration.GetAsync);
        Own(Registration + "/{clientId}", Put, registration.PutAsync);
        Own(Registration + "/{clientId}", Delete, registration.DeleteAsync);

        void Own(string path, string[] methods, RequestDelegate endpoint) => app.MapMethods(path, methods, guard.Around(endpoint));

        // Shared with browser apps of other origins.
        void Shared(string path, string[] methods, RequestDelegate endpoint)
        {
            app.MapMethods(path, methods, guard.Around(origins.Around(endpoint)));
            app.MapMethods(path, [HttpMethods.Options], guard.Around(origins.PreflightAsync));
        }
    }

    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Put = [HttpMethods.Put];
    private static readonly string[] Delete = [HttpMethods.Delete];
    private static readonly string[] GetOrPost = [HttpMethods.Get, HttpMethods.Post];
}
