using System.Net;
using Anthane.Oidc;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Sessions;
using Anthane.Oidc.Subjects;
using Anthane.Sso.Accounts;
using Anthane.Sso.Admin;
using Anthane.Sso.Data;
using Anthane.Sso.Mail;
using Anthane.Sso.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Anthane.Sso.Hosting;

/// <summary>What the host is made of.</summary>
internal static class SsoServices
{
    public static void AddSso(this IServiceCollection services, SsoSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSsoStorage(settings);
        services.AddSingleton<SsoStartup>();
        services.AddHostedService(p => p.Get<SsoStartup>());
        services.AddOidc<SsoDb>(oidc =>
        {
            oidc.Issuer = settings.Issuer;
            oidc.MasterKey = settings.MasterKey;
            oidc.RequirePushedRequests = settings.Options.RequirePushedRequests;
            oidc.RequireDpopNonce = settings.Options.RequireDpopNonce;
            oidc.AllowLoopbackFetches = settings.IsDevelopment;
            oidc.ClientDocuments = settings.Options.ClientIdMetadataDocuments;
            oidc.ClientCertificates.Accepted = settings.Options.ClientCertificates.Accepted;
            oidc.ClientCertificates.CheckRevocation = settings.Options.ClientCertificates.CheckRevocation;
            settings.Options.ClientCertificates.Authorities.ForEach(file => oidc.ClientCertificates.Authorities.AddRange(ClientCertificateSettings.Load(file)));
            oidc.TrustedIssuers.AddRange(settings.Options.TrustedIssuers);
            oidc.OneWriter = !settings.IsPostgres;
            oidc.Pending.MostPerAddress = settings.Options.Limits.SignInsPerMinute;
            oidc.Pending.MostInAll = settings.Options.Limits.SignInsPerMinuteInAll;
            oidc.Pending.ExemptLoopback = settings.ExemptLoopback;
        });
        Accounts(services);
        Mail(services, settings);
        Edge(services, settings);
        Pages(services, settings);
    }

    private static void Accounts(IServiceCollection services)
    {
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = PasswordWork.Iterations);
        services.AddSingleton<AccountReader>();
        services.AddSingleton<AccountLinks>();
        services.AddSingleton<AttemptLimits>();
        services.AddSingleton<KnownDevices>();
        services.AddSingleton<DeviceEntry>();
        services.AddSingleton<PeopleReader>();
        services.AddSingleton<Seed>();
        services.AddSingleton<SeedFile>();
        services.AddSingleton<ISubjectDirectory, SubjectDirectory>();
        services.TryAddSingleton<IPasswordHasher<SsoUser>, PasswordHasher<SsoUser>>();
        services.AddSingleton<PasswordWork>();
        services.AddSingleton(p => new SsoSignIn(
            p.Get<AccountReader>(), p.Get<AttemptLimits>(), p.Get<PasswordWork>(), p.Get<KnownDevices>(), p.Get<BrowserSessions>(), p.Get<StorageWriter>(), p.Get<SsoSettings>(), p.Get<TimeProvider>(), p.Get<ILogger<SsoSignIn>>()));
        services.AddSingleton(p => new AccountMail(
            p.Get<AccountMailDelivery>(), p.Get<AttemptLimits>(), p.Get<PasswordWork>(), p.Get<AccountLinks>(), p.Get<StorageWriter>(), p.Get<OutboxWriter>(), p.Get<SsoSettings>()));
        services.AddSingleton(p => new MailedLinks(
            p.Get<AccountLinks>(), p.Get<AccountReader>(), p.Get<AccountMailDelivery>(), p.Get<PasswordWork>(), p.Get<SsoSignIn>(), p.Get<SessionAdmin>(), p.Get<AuditLog>(), p.Get<StorageWriter>(), p.Get<OutboxWriter>(), p.Get<SsoSettings>()));
        services.AddSingleton(p => new Bootstrap(
            p.Get<AccountLinks>(), p.Get<PasswordWork>(), p.Get<SessionAdmin>(), p.Get<AuditLog>(), p.Get<StorageReader>(), p.Get<StorageWriter>(), p.Get<IDbContextFactory<SsoDb>>(), p.Get<SsoSettings>(), p.Get<TimeProvider>()));
        services.AddSingleton(p => new PeopleAdmin(
            p.Get<PeopleReader>(), p.Get<AccountMailDelivery>(), p.Get<SessionAdmin>(), p.Get<AuditLog>(), p.Get<StorageWriter>(), p.Get<OutboxWriter>(), p.Get<SsoSettings>(), p.Get<TimeProvider>()));
        services.AddHostedService<AccountSweeper>();
    }

    private static void Mail(IServiceCollection services, SsoSettings settings)
    {
        services.AddSingleton<MailTexts>();
        services.AddSingleton<AccountMailDelivery>();
        services.AddSingleton<IOutboxDelivery>(p => p.Get<AccountMailDelivery>());
        services.AddSingleton<IOutboxDelivery, SecurityNoticeDelivery>();
        services.AddSingleton(p => new DevelopmentMailbox(p.Get<SsoSettings>(), p.Get<TimeProvider>()));
        if (settings.HasSmtp)
        {
            services.AddSingleton<IMailSender, SmtpSender>();
        }
        else if (settings.IsDevelopment)
        {
            services.AddSingleton<IMailSender>(p => p.Get<DevelopmentMailbox>());
        }
        else
        {
            services.AddSingleton<IMailSender, NoMail>();
        }
    }

    private static void Edge(IServiceCollection services, SsoSettings settings)
    {
        if (settings.TrustedProxies.Count > 0)
        {
            services.Configure<ForwardedHeadersOptions>(options =>
            {
                options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
                options.ForwardLimit = null;
                options.KnownProxies.Clear();
                options.KnownIPNetworks.Clear();
                foreach (var network in settings.TrustedProxies)
                {
                    options.KnownIPNetworks.Add(network);
                }
            });
        }

        if (!settings.IsDevelopment)
        {
            // Only when AllowedHosts is not set: the framework's own reading of it comes later and keeps what it finds here.
            services.AddOptions<HostFilteringOptions>().Configure<IConfiguration>((options, configuration) =>
            {
                if (string.IsNullOrWhiteSpace(configuration["AllowedHosts"]))
                {
                    options.AllowedHosts = [new Uri(settings.Issuer).Host, "localhost", IPAddress.Loopback.ToString(), "[::1]"];
                }
            });
        }

        services.AddSsoRateLimits(settings);
        services.AddAuthentication(SessionAuthenticationHandler.Scheme)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthenticationHandler>(SessionAuthenticationHandler.Scheme, null);
        services.AddAuthorizationBuilder().AddPolicy("admin", policy => policy.RequireRole(SsoRoles.Admin));
    }

    private static void Pages(IServiceCollection services, SsoSettings settings)
    {
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = settings.CookieName("anthane-xsrf");
            options.Cookie.SecurePolicy = settings.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.Path = "/";
            // Our own headers forbid framing altogether.
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddSsoPages(settings);
    }

    private static T Get<T>(this IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();
}
