using Anthane.Gateway.Hosting;
using Anthane.Gateway.Limits;

namespace Anthane.Gateway.Tls;

/// <summary>The gateway's certificate and what becomes of requests without TLS. The https addresses themselves are Kestrel's settings.</summary>
internal sealed record TlsSettings
{
    /// <summary>A PEM file, with the chain behind the certificate, or a PKCS #12 file. Null leaves certificates to Kestrel's settings.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of the private key; null when the certificate's file has it.</summary>
    public string? Key { get; init; }

    /// <summary>Of the PKCS #12 file or the encrypted key.</summary>
    public string? Password { get; init; }

    /// <summary>How often the files are looked at. A changed pair is in force from the next handshake on.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Answers plain http with 308 to the same address over https. The gateway's health is told over http too.</summary>
    public bool RedirectHttp { get; init; }

    /// <summary>Where https is from outside.</summary>
    public int HttpsPort { get; init; } = 443;

    /// <summary>Seconds of Strict-Transport-Security on https answers (RFC 6797); 0 sends none.</summary>
    public long Hsts { get; init; }

    public static TlsSettings Read(SettingsReader? reader)
    {
        var defaults = new TlsSettings();
        if (reader is null)
            return defaults;
        var interval = defaults.CheckInterval;
        if (reader.Text("CheckInterval") is { } text && (!Period.TryParse(text, out interval) || interval < TimeSpan.FromSeconds(1)))
            reader.Error("CheckInterval", $"'{text}' must be a number with ms, s, m or h, at least 1s");
        var settings = new TlsSettings
        {
            Certificate = reader.Text("Certificate"),
            Key = reader.Text("Key"),
            Password = reader.Text("Password"),
            CheckInterval = interval,
            RedirectHttp = reader.Flag("RedirectHttp") ?? false,
            HttpsPort = (int)(reader.Number("HttpsPort", 1, 65_535) ?? defaults.HttpsPort),
            Hsts = reader.Number("Hsts", 0, 3_153_600_000) ?? 0,
        };
        if (settings.Certificate is null && (settings.Key ?? settings.Password) is not null)
            reader.Error("Certificate", "is missing: the file that Key or Password belongs to");
        if (settings.Certificate is not null && !CertificateFiles.TryLoad(settings, out _, out _, out var problem))
            reader.Error("Certificate", problem);
        reader.ReportUnknown();
        return settings;
    }
}
