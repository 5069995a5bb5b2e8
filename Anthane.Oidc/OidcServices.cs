using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Oidc.AuthorizationRequests;
using Anthane.Oidc.ClientDocuments;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Data;
using Anthane.Oidc.Devices;
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
using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Logout;
using Anthane.Oidc.Outbound;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Registration;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Revocations;
using Anthane.Oidc.Sessions;
using Anthane.Oidc.Tokens;
using Anthane.Oidc.TrustedIssuers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Anthane.Oidc;

/// <summary>Registers the engine.</summary>
public static class OidcServices
{
    /// <summary>
    /// Adds the engine on the host's context. The host registers an <see cref="IDbContextFactory{TDb}"/> and an
    /// <see cref="Subjects.ISubjectDirectory"/>, and calls <see cref="OidcStartup.RunAsync"/> before it listens.
    /// </summary>
    /// <exception cref="OidcConfigurationException">The options are wrong; the message lists every mistake.</exception>
    public static IServiceCollection AddOidc<TDb>(this IServiceCollection services, Action<OidcOptions> configure)
        where TDb : DbContext
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new OidcOptions();
        configure(options);
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new OidcConfigurationException(string.Join(Environment.NewLine, problems));
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(provider =>
        {
            var factory = provider.GetRequiredService<IDbContextFactory<TDb>>();
            return new OidcDbFactory(() => factory.CreateDbContext());
        });
        Storage(services, options);
        Nouns(services);
        PublicNouns(services);
        Endpoints(services);
        return services;
    }

    private static void Storage(IServiceCollection services, OidcOptions options)
    {
        services.AddSingleton<WriteGate>();
        services.AddSingleton<ChangeStamps>();
        if (options.OneWriter)
        {
            services.AddSingleton<GroupCommitWriter>();
            services.AddSingleton<StorageWriter>(provider => provider.GetRequiredService<GroupCommitWriter>());
            services.AddHostedService(provider => provider.GetRequiredService<GroupCommitWriter>());
        }
        else
        {
            services.AddSingleton<StorageWriter, DirectWriter>();
        }

        services.AddSingleton(provider => new StorageReader(provider.GetRequiredService<OidcDbFactory>(), keepsConnections: options.OneWriter));

        services.AddSingleton<Sweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<Sweeper>());
    }

    private static void Nouns(IServiceCollection services)
    {
        services.AddSingleton<ServerSecrets>();
        services.AddSingleton<KeyRotation>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<ReplayStore>();
        services.AddSingleton<DpopNonces>();
        services.AddSingleton<DpopProofReader>();
        services.AddHostedService<KeyRotationLoop>();
        services.AddSingleton<ClientSecrets>();
        services.AddSingleton<ClientStore>();
        services.AddSingleton<ClientFinder>();
        services.AddSingleton<FindUnregistered>(p => (clientId, caller) => p.Get<DocumentClients>().FindAsync(clientId, caller));
        services.AddSingleton<BlockedHosts>();
        services.AddSingleton<FetchLimits>();
        services.AddSingleton<DocumentClients>();
        services.AddSingleton<UsedDocuments>();
        services.AddSingleton<ClientThrottle>();
        services.AddSingleton<SafeFetch>();
        services.AddSingleton<FetchedKeys>();
        services.AddSingleton<ClientKeys>();
        services.AddSingleton<SecretAuthentication>();
        services.AddSingleton<AssertionAuthentication>();
        services.AddSingleton<ClientCertificateReader>();
        services.AddSingleton<CertificateAuthentication>();
        services.AddSingleton<ClientAuthenticator>();
        services.AddSingleton<ResourceStore>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<BrowserCookies>();
        services.AddSingleton<ConsentStore>();
        services.AddSingleton<PendingLimits>();
        services.AddSingleton<PendingStore>();
        services.AddSingleton<RevocationLog>();
        services.AddSingleton<RevocationNews>();
        services.AddSingleton<AuthorizationCodes>();
        services.AddSingleton<RefreshTheft>();
        services.AddSingleton<RefreshTokens>();
        services.AddSingleton<DeviceCodes>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton<TokenReader>();
        services.AddSingleton<LogoutTokens>();
        services.AddSingleton<IOutboxDelivery, LogoutDelivery>();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<OutboxLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxLoop>());
    }

    /// <summary>What the host may use: public types with constructors of the engine's own.</summary>
    private static void PublicNouns(IServiceCollection services)
    {
        services.AddSingleton(p => new AuditLog(p.Get<OidcDbFactory>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new OutboxWriter(p.Get<TimeProvider>(), p.Get<OutboxSignal>()));
        services.AddSingleton(p => new BrowserSessions(p.Get<SessionStore>(), p.Get<BrowserCookies>()));
        services.AddSingleton(p => new SessionAdmin(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<RevocationLog>(), p.Get<OutboxSignal>(), p.Get<AuditLog>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new LogoutStatus(p.Get<OidcDbFactory>()));
        services.AddSingleton(p => new ClientAdmin(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<ChangeStamps>(), p.Get<ClientSecrets>(), p.Get<AuditLog>(), p.Get<RevocationLog>(), p.Get<OutboxSignal>(), p.Get<OidcOptions>(), p.Get<KeyRotation>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new ApiAdmin(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<ChangeStamps>(), p.Get<AuditLog>(), p.Get<OidcOptions>(), p.Get<KeyRotation>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new RegistrationAdmin(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<ServerSecrets>(), p.Get<AuditLog>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new DocumentAdmin(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<ChangeStamps>(), p.Get<RevocationLog>(), p.Get<AuditLog>(), p.Get<OidcOptions>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new ConsentAdmin(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<RevocationLog>(), p.Get<ResourceStore>(), p.Get<AuditLog>()));
        services.AddSingleton(p => new KeyAdmin(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<ChangeStamps>(), p.Get<KeyRotation>(), p.Get<RevocationLog>(), p.Get<AuditLog>(), p.Get<OidcOptions>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new InteractionService(p.Get<PendingStore>(), p.Get<ClientFinder>(), p.Get<ResourceStore>(), p.Get<BrowserSessions>()));
        services.AddSingleton(p => new DeviceInteractions(p.Get<DeviceCodes>(), p.Get<ClientStore>(), p.Get<ResourceStore>(), p.Get<ConsentStore>(), p.Get<BrowserSessions>(), p.Get<StorageWriter>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new SignOutService(p.Get<OidcDbFactory>(), p.Get<StorageWriter>(), p.Get<ServerSecrets>(), p.Get<BrowserCookies>(), p.Get<BrowserSessions>(), p.Get<ClientStore>(), p.Get<TimeProvider>()));
    }

    private static void Endpoints(IServiceCollection services)
    {
        services.AddSingleton<EndpointGuard>();
        services.AddSingleton<ClientCallReader>();
        services.AddSingleton<SenderReader>();
        services.AddSingleton<BrowserOrigins>();
        services.AddSingleton<TokenStatus>();
        services.AddSingleton<AccessTokenAuthenticator>();
        services.AddSingleton<AuthorizeRequestChecker>();
        services.AddSingleton<PushedRequests>();
        services.AddSingleton<PushedAuthorizationEndpoint>();
        services.AddSingleton<AuthorizeFlow>();
        services.AddSingleton<AuthorizeCompletion>();
        services.AddSingleton<AuthorizeResponse>();
        services.AddSingleton<AuthorizeEndpoint>();
        services.AddSingleton<AuthorizationCodeGrantHandler>();
        services.AddSingleton<ClientCredentialsGrantHandler>();
        services.AddSingleton<RefreshTokenGrantHandler>();
        services.AddSingleton<DeviceCodeGrantHandler>();
        services.AddSingleton<TokenExchangeGrantHandler>();
        services.AddSingleton<DeviceAuthorizationEndpoint>();
        services.AddSingleton<TrustedAssertions>();
        services.AddSingleton<JwtBearerGrantHandler>();
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<DiscoveryEndpoint>();
        services.AddSingleton<UserInfoEndpoint>();
        services.AddSingleton<IntrospectionEndpoint>();
        services.AddSingleton<RevocationEndpoint>();
        services.AddSingleton<RevocationStreamResponse>();
        services.AddSingleton<RevocationFeedEndpoint>();
        services.AddSingleton<EndSessionEndpoint>();
        services.AddSingleton<ClientRegistration>();
        services.AddSingleton<RegistrationEndpoint>();
    }
}

/// <summary>Brings the engine up after the database has its tables and before the host listens.</summary>
public static class OidcStartup
{
    /// <summary>Makes or reads the keys, and starts the writer.</summary>
    /// <exception cref="OidcConfigurationException">The master key is not the one that wrapped the keys in the database.</exception>
    public static async Task RunAsync(IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Get<StorageWriter>() is GroupCommitWriter writer)
        {
            await writer.StartAsync(CancellationToken.None);
        }

        await services.Get<ServerSecrets>().LoadAsync(services.Get<StorageReader>(), services.Get<StorageWriter>(), services.Get<OidcOptions>().MasterKey!);
        await services.Get<KeyRotation>().RunAsync();
        await services.Get<KeyRing>().JwksAsync();
    }
}

/// <summary>The short word for what stands here on every line.</summary>
file static class Required
{
    public static T Get<T>(this IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();
}
