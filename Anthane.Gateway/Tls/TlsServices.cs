namespace Anthane.Gateway.Tls;

internal static class TlsServices
{
    public static void AddTls(this WebApplicationBuilder builder, TlsSettings settings)
    {
        builder.Services.AddSingleton<HttpsRules>();
        if (settings.Certificate is null)
            return;
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CertificateFiles>(provider, settings));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<CertificateFiles>());
        builder.WebHost.ConfigureKestrel(options => options.ConfigureHttpsDefaults(https =>
        {
            var files = options.ApplicationServices.GetRequiredService<CertificateFiles>();
            https.ServerCertificateSelector = (_, _) => files.Current.TargetCertificate;
            https.OnAuthenticate = (_, handshake) =>
            {
                // The prepared context has the chain too; a selector could give the certificate alone.
                handshake.ServerCertificateSelectionCallback = null;
                handshake.ServerCertificateContext = files.Current;
            };
        }));
    }
}
