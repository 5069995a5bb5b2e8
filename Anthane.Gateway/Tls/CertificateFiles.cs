using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Tls;

/// <summary>
/// The certificate in force, read from its files again when they change: a renewed one needs no restart, and no connection ends for it. A pair
/// that cannot be used changes nothing and is told in the log. This folder owns the transport's own security and knows nothing of routes.
/// </summary>
internal sealed class CertificateFiles : BackgroundService
{
    private readonly TlsSettings settings;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private volatile SslStreamCertificateContext current;
    private byte[] seen;

    public CertificateFiles(TlsSettings settings, TimeProvider clock, ILogger<CertificateFiles> logger)
    {
        this.settings = settings;
        this.clock = clock;
        this.logger = logger;
        if (!TryLoad(settings, out var context, out seen, out var problem))
            throw new InvalidOperationException(problem);
        current = context;
    }

    public SslStreamCertificateContext Current => current;

    /// <param name="settings">Where the files are.</param>
    /// <param name="context">The certificate with its chain, ready for handshakes.</param>
    /// <param name="hash">Tells this content of the files from another.</param>
    /// <param name="problem">Why there is none.</param>
    public static bool TryLoad(TlsSettings settings, [NotNullWhen(true)] out SslStreamCertificateContext? context, out byte[] hash, out string problem)
    {
        context = null;
        hash = [];
        problem = "";
        try
        {
            var certificate = File.ReadAllBytes(settings.Certificate!);
            var key = settings.Key is null ? [] : File.ReadAllBytes(settings.Key);
            hash = SHA256.HashData([.. certificate, .. key]);
            context = Load(certificate, key, settings.Password);
            return true;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            problem = $"'{settings.Certificate}' is no certificate with its key: {unusable.Message}";
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Looked at, not watched: links that are swapped, as Kubernetes does it, tell a watcher nothing.
        using var timer = new PeriodicTimer(settings.CheckInterval, clock);
        while (await timer.NextAsync(stoppingToken))
            Check();
    }

    private static SslStreamCertificateContext Load(byte[] certificate, byte[] key, string? password)
    {
        var all = new X509Certificate2Collection();
        X509Certificate2 own;
        if (certificate.AsSpan().IndexOf("-----BEGIN"u8) < 0)
        {
            all = X509CertificateLoader.LoadPkcs12Collection(certificate, password);
            own = all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("it has no private key");
        }
        else
        {
            var pem = Encoding.UTF8.GetString(certificate);
            var keyPem = key.Length > 0 ? Encoding.UTF8.GetString(key) : pem;
            all.ImportFromPem(pem);
            own = password is null ? X509Certificate2.CreateFromPem(pem, keyPem) : X509Certificate2.CreateFromEncryptedPem(pem, keyPem, password);
        }

        var chain = new X509Certificate2Collection(all.Where(one => one.Thumbprint != own.Thumbprint).ToArray());
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }

    private void Check()
    {
        var isUsable = TryLoad(settings, out var context, out var hash, out var problem);
        if (hash.AsSpan().SequenceEqual(seen))
            return;
        seen = hash;
        var now = clock.GetUtcNow().UtcDateTime;
        if (isUsable && context!.TargetCertificate is var fresh && (now > fresh.NotAfter.ToUniversalTime() || now < fresh.NotBefore.ToUniversalTime()))
            (isUsable, problem) = (false, $"'{settings.Certificate}' holds from {fresh.NotBefore:O} to {fresh.NotAfter:O} only");
        if (!isUsable)
        {
            logger.LogError("The certificate stays the one in force: {Problem}", problem);
            return;
        }

        current = context!;
        logger.LogInformation("The certificate is now {Thumbprint}, until {End}", context!.TargetCertificate.Thumbprint, context.TargetCertificate.NotAfter);
    }
}
