using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using LocalAuthority = Anthane.Demo.Conformance.LocalAuthority;

namespace Anthane.Sso.Tests.Clients;

/// <summary>
/// The real SSO as programs of others see it: https alone, under a certificate that they are told to trust, and the time that
/// it is, since their clocks cannot be moved.
/// </summary>
public sealed class HttpsSso : IAsyncLifetime
{
    private readonly TempDirectory data = new();
    private LocalAuthority authority = null!;

    public SsoServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await SsoServer.PrepareDirectoryAsync(data.Path);
        authority = LocalAuthority.Prepare(data.Path, null, null, TimeProvider.System);
        var issuer = $"https://localhost:{FreePorts.Take(1)[0]}";
        Server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Issuer = issuer,
            DataDirectory = data.Path,
            Settings = new Dictionary<string, string?>
            {
                ["Kestrel:Endpoints:Tls:Url"] = issuer,
                ["Kestrel:Endpoints:Tls:Certificate:Path"] = authority.ServerCertificateFile,
                ["Kestrel:Endpoints:Tls:Certificate:KeyPath"] = authority.ServerKeyFile,
            },
            Configure = builder => builder.Services.AddSingleton(TimeProvider.System),
        });
        await ExchangeRun.AddStockAsync(Server);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        data.Dispose();
    }

    /// <summary>A person at a browser, over TLS, for an app.</summary>
    public OidcFlow NewFlow(OidcApp app) => new(Server, app, new TestBrowser(new Uri(Server.Issuer), Tls()));

    /// <summary>What every script is told of the server and of its registration.</summary>
    public Dictionary<string, string> SettingsOf(OidcApp app, string scope, params (string Name, string Value)[] more)
    {
        ArgumentNullException.ThrowIfNull(app);
        var settings = more.ToDictionary(setting => setting.Name, setting => setting.Value);
        (settings["ISSUER"], settings["NODE_EXTRA_CA_CERTS"]) = (Server.Issuer, authority.CertificateFile);
        (settings["CLIENT_ID"], settings["REDIRECT_URI"], settings["SCOPE"]) = (app.ClientId, app.RedirectUri, scope);
        if (app.Secret is not null)
        {
            settings["CLIENT_SECRET"] = app.Secret;
        }

        return settings;
    }

    private SslClientAuthenticationOptions Tls() => new()
    {
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority.CertificateFile) },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };
}
