using Anthane.Gateway.Assertions;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Limits;
using Anthane.Gateway.Revocations;
using Anthane.Gateway.Telemetry;
using Anthane.Gateway.Tls;

namespace Anthane.Gateway.Hosting;

/// <summary>Reads and checks the <c>Gateway</c> section. Every mistake goes to the problems; nothing is thrown here.</summary>
internal static class GatewaySettingsReader
{
    private static readonly GatewaySettings Defaults = new() { Issuers = [], Ocelot = "ocelot.json", IsDevelopment = false };

    public static GatewaySettings Read(IConfiguration configuration, bool isDevelopment, SettingsProblems problems)
    {
        var reader = new SettingsReader(configuration.GetSection("Gateway"), "Gateway", problems);
        var compat = reader.Child("Compat");
        var shutdown = reader.Child("Shutdown");
        var settings = new GatewaySettings
        {
            Issuers = ReadIssuers(reader, isDevelopment),
            IssuerNames = [.. reader.Children("Issuers").Select(child => child.Key)],
            Ocelot = reader.Text("Ocelot") ?? Defaults.Ocelot,
            ReloadOnChange = reader.Flag("ReloadOnChange") ?? true,
            StrictConfiguration = reader.Flag("StrictConfiguration") ?? false,
            Cors = reader.Child("Cors") is { } cors ? ReadCors(cors) : Defaults.Cors,
            Limits = reader.Child("Limits") is { } limits ? ReadLimits(limits) : Defaults.Limits,
            OwnedCookies = reader.Texts("OwnedCookies") ?? Defaults.OwnedCookies,
            StickyKey = ReadKey(reader, "StickyKey"),
            Tls = TlsSettings.Read(reader.Child("Tls")),
            Telemetry = TelemetrySettings.Read(reader.Child("Telemetry"), configuration),
            ShutdownDelay = shutdown is null ? Defaults.ShutdownDelay : ReadTime(shutdown, "Delay") ?? Defaults.ShutdownDelay,
            ShutdownTimeout = shutdown is null ? Defaults.ShutdownTimeout : ReadTime(shutdown, "Timeout") ?? Defaults.ShutdownTimeout,
            MaxRequestBodySize = reader.Number("MaxRequestBodySize", 0, long.MaxValue) ?? Defaults.MaxRequestBodySize,
            TokenCacheSize = (int)(reader.Number("TokenCacheSize", 0, 1_000_000) ?? Defaults.TokenCacheSize),
            AnonymousByDefault = compat?.Flag("AnonymousByDefault") ?? false,
            OcelotStatusCodes = compat?.Flag("OcelotStatusCodes") ?? false,
            PublicAddress = PublicAddress.Read(reader, configuration),
            DataDirectory = reader.Text("DataDirectory"),
            ClientCertificates = reader.Flag("ClientCertificates") ?? false,
            Assertion = AssertionSettings.Read(reader.Child("Assertion"), reader.Text("DataDirectory")),
            DangerousAcceptAnyServerCertificate = reader.Flag("DangerousAcceptAnyServerCertificate") ?? false,
            IsDevelopment = isDevelopment,
        };
        compat?.ReportUnknown();
        shutdown?.ReportUnknown();
        reader.ReportUnknown();
        RefuseForwardedHeadersSwitch(configuration, problems);
        return settings;
    }

    /// <summary>That switch of ASP.NET Core believes every client's X-Forwarded-For, on which the address limits would then count.</summary>
    private static void RefuseForwardedHeadersSwitch(IConfiguration configuration, SettingsProblems problems)
    {
        if (string.Equals(configuration["FORWARDEDHEADERS_ENABLED"], "true", StringComparison.OrdinalIgnoreCase))
            problems.Error("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "must not be true: it would take any client's word for its address");
    }

    private static TimeSpan? ReadTime(SettingsReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
            return null;
        if (Period.TryParse(text, out var time) && time <= TimeSpan.FromHours(1))
            return time;
        reader.Error(name, $"'{text}' must be a number with ms, s, m or h, at most an hour");
        return null;
    }

    /// <summary>A key as base64. The text itself is told to nobody, not even when it is wrong.</summary>
    private static byte[]? ReadKey(SettingsReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
            return null;
        var bytes = new byte[text.Length];
        if (Convert.TryFromBase64String(text, bytes, out var written) && written >= 32)
            return bytes[..written];
        reader.Error(name, "must be at least 32 random bytes in base64, as from openssl rand -base64 32");
        return null;
    }

    private static List<IssuerSettings> ReadIssuers(SettingsReader gateway, bool isDevelopment)
    {
        var issuers = new List<IssuerSettings>();
        foreach (var (name, reader) in gateway.Children("Issuers"))
        {
            if (ReadIssuer(name, reader, isDevelopment) is { } issuer)
                issuers.Add(issuer);
            reader.ReportUnknown();
        }

        foreach (var twice in issuers.GroupBy(issuer => issuer.Authority, StringComparer.Ordinal).Where(group => group.Count() > 1))
            gateway.Error("Issuers", $"{string.Join(" and ", twice.Select(issuer => $"'{issuer.Name}'"))} name the same Authority");
        return issuers;
    }

    private static IssuerSettings? ReadIssuer(string name, SettingsReader reader, bool isDevelopment)
    {
        var authority = reader.Text("Authority");
        var audiences = reader.Texts("Audiences") ?? [];
        var tokenTypes = reader.Texts("TokenTypes") ?? ["at+jwt"];
        if (authority is null)
            reader.Error("Authority", "is missing: it is the issuer's address as its tokens carry it in iss");
        if (audiences.Count == 0)
            reader.Error("Audiences", "must name at least one audience, or no token could be for this gateway's services");

        // The authority is what a token is trusted for; a loopback address of the same issuer is only a way to reach it.
        var authorityAddress = ReadAddress(reader, "Authority", loopbackHttp: isDevelopment);
        var metadata = ReadAddress(reader, "MetadataAddress", loopbackHttp: true);
        var jwks = ReadAddress(reader, "JwksAddress", loopbackHttp: true);
        var feed = RevocationFeedSettings.Read(reader.Child("RevocationFeed"), authorityAddress is null ? null : authority, (section, key) => ReadAddress(section, key, loopbackHttp: true));
        var claims = ClaimNames.Read(reader.Child("Claims"));
        var keysOnDisk = TimeSpan.FromHours(reader.Number("KeysOnDiskHours", 0, 24) ?? 24);
        if (authority is null || authorityAddress is null)
            return null;
        metadata ??= new Uri(authority.TrimEnd('/') + "/.well-known/openid-configuration");
        return new IssuerSettings(name, authority, audiences, metadata, jwks, tokenTypes) { RevocationFeed = feed, Claims = claims, KeysOnDisk = keysOnDisk };
    }

    private static Uri? ReadAddress(SettingsReader reader, string name, bool loopbackHttp)
    {
        if (reader.Text(name) is not { } text)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0 || text.Contains('#', StringComparison.Ordinal))
        {
            reader.Error(name, $"'{text}' must be an absolute https address without user name or fragment");
            return null;
        }

        if (address.Scheme == "https" || (address.IsLoopback && loopbackHttp))
            return address;
        reader.Error(name, address.IsLoopback
            ? $"'{text}' must be https: http on loopback is accepted in Development only"
            : $"'{text}' must be https: who controls the network would control the keys");
        return null;
    }

    private static CorsSettings ReadCors(SettingsReader reader)
    {
        var origins = reader.Texts("Origins") ?? [];
        foreach (var origin in origins.Where(origin => !IsOrigin(origin)))
            reader.Error("Origins", $"'{origin}' must be an origin as browsers send it: scheme, host in lower case and a port that is not the scheme's own, "
                + "like https://app.example or http://localhost:8601");
        var settings = new CorsSettings
        {
            Origins = origins,
            Methods = reader.Texts("Methods") ?? Defaults.Cors.Methods,
            Headers = reader.Texts("Headers") ?? Defaults.Cors.Headers,
            ExposedHeaders = reader.Texts("ExposedHeaders") ?? Defaults.Cors.ExposedHeaders,
            MaxAge = reader.Number("MaxAge", 0, 86_400) ?? Defaults.Cors.MaxAge,
        };
        reader.ReportUnknown();
        return settings;
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && text == uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static LimitSettings ReadLimits(SettingsReader reader)
    {
        var settings = new LimitSettings
        {
            PerSubject = ReadLimit(reader, "PerSubject"),
            PerClient = ReadLimit(reader, "PerClient"),
            PerAddress = ReadLimit(reader, "PerAddress"),
            RefusedTokens = ReadLimit(reader, "RefusedTokens") ?? Defaults.Limits.RefusedTokens,
        };
        reader.ReportUnknown();
        return settings;
    }

    private static LimitRule? ReadLimit(SettingsReader limits, string name)
    {
        if (limits.Child(name) is not { } reader)
            return null;
        var limit = reader.Number("Limit", 1, long.MaxValue);
        var text = reader.Text("Period") ?? "1m";
        if (!reader.Has("Limit"))
            reader.Error("Limit", "is missing: how many requests a period may have");
        if (!Period.TryParse(text, out var period) || period <= TimeSpan.Zero)
            reader.Error("Period", $"'{text}' must be a positive number with ms, s, m, h or d");
        reader.ReportUnknown();
        return limit is null ? null : new LimitRule(limit.Value, period);
    }
}
