using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;

namespace Anthane.Sso.Tests.Support;

/// <summary>The real SSO that listens with TLS too and asks callers for certificates, and an authority that it trusts for them.</summary>
public sealed class TlsSso : IAsyncLifetime
{
    private readonly TempDirectory files = new();
    private string? serverHash;
    private readonly Uri address = new($"https://localhost:{FreePorts.Take(1)[0]}");

    public CertificateMaker Maker { get; } = new();

    public SsoServer Server { get; private set; } = null!;

    /// <summary>Whether the SSO asks the authority what was revoked.</summary>
    public bool CheckRevocation { get; init; }

    public async ValueTask InitializeAsync()
    {
        var (authority, server) = (Path.Combine(files.Path, "authority.pem"), Path.Combine(files.Path, "server.pem"));
        using var certificate = SelfSigned.For("localhost");
        serverHash = certificate.GetCertHashString();
        await File.WriteAllTextAsync(authority, Maker.Authority.ExportCertificatePem());
        await File.WriteAllTextAsync(server, certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Settings = new Dictionary<string, string?>
            {
                ["Sso:ClientCertificates:Ask"] = "true",
                ["Sso:ClientCertificates:CheckRevocation"] = CheckRevocation ? "true" : "false",
                ["Sso:ClientCertificates:Authorities:0"] = authority,
                ["Kestrel:Endpoints:Tls:Url"] = address.ToString(),
                ["Kestrel:Endpoints:Tls:Certificate:Path"] = server,
                ["Kestrel:Endpoints:Tls:Certificate:KeyPath"] = server,
            },
            Configure = builder => builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("Kestrel:Endpoints:Plain:Url", builder.Configuration["urls"])]),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Maker.Dispose();
        files.Dispose();
    }

    /// <summary>Posts a form over TLS with this certificate, or without any.</summary>
    public Task<JsonAnswer> PostAsync(X509Certificate2? certificate, string path, params (string Name, string Value)[] form)
    {
        var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return SendAsync(certificate, new HttpRequestMessage(HttpMethod.Post, new Uri(address, path)) { Content = content });
    }

    public Task<JsonAnswer> UserInfoAsync(X509Certificate2? certificate, string accessToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/connect/userinfo"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return SendAsync(certificate, request);
    }

    /// <summary>A connection of its own for each call: the certificate belongs to the connection.</summary>
    private async Task<JsonAnswer> SendAsync(X509Certificate2? certificate, HttpRequestMessage request)
    {
        using var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == serverHash;
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        using var http = new HttpClient(handler);
        return await JsonAnswer.ReadAsync(await http.SendAsync(request, TestContext.Current.CancellationToken));
    }
}
