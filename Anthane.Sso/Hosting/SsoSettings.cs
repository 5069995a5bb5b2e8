using System.Net;
using Anthane.Oidc;
using Anthane.Oidc.Keys;

namespace Anthane.Sso.Hosting;

/// <summary>
/// The settings after they were checked: whoever holds one may rely on it. Every mistake is found before any is reported.
/// </summary>
internal sealed class SsoSettings
{
    private SsoSettings(SsoOptions options, IHostEnvironment environment, MasterKey masterKey)
    {
        Options = options;
        IsDevelopment = environment.IsDevelopment();
        MasterKey = masterKey;
    }

    public SsoOptions Options { get; }

    public string Issuer => Options.Issuer;

    public bool IsHttps => Issuer.StartsWith("https://", StringComparison.Ordinal);

    public bool IsDevelopment { get; }

    public MasterKey MasterKey { get; }

    /// <summary>Absolute; null when everything lives in PostgreSQL.</summary>
    public string? DataDirectory { get; private init; }

    public required string ConnectionString { get; init; }

    public bool IsPostgres => IsPostgresText(ConnectionString);

    public IReadOnlyList<IPNetwork> TrustedProxies { get; private init; } = [];

    /// <summary>Whose header with a client's certificate is believed.</summary>
    public IReadOnlyList<IPNetwork> CertificateProxies { get; private init; } = [];

    public bool HasSmtp => Options.Smtp.Host.Length > 0;

    /// <summary>SMTP, or files in Development.</summary>
    public bool CanSendMail => HasSmtp || IsDevelopment;

    public bool SignUpIsOpen => Options.SignUp && CanSendMail;

    public bool ExemptLoopback => Options.Limits.ExemptLoopback ?? IsDevelopment;

    public TimeSpan LimitWindow => TimeSpan.FromMinutes(Options.Limits.WindowMinutes);

    /// <summary>The prefix that makes a browser keep a cookie to this very host. Browsers take it over https alone.</summary>
    public string CookieName(string name) => IsHttps ? "__Host-" + name : name;

    public string Url(string path) => Issuer + path;

    /// <summary>Reads and checks.</summary>
    /// <exception cref="SsoConfigurationException">Something is wrong.</exception>
    public static SsoSettings Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var problems = new List<string>();
        var options = Bind(configuration, problems);
        var development = environment.IsDevelopment();
        var directory = options.DataDirectory is { Length: > 0 } named ? named : development ? ".anthane" : null;
        directory = directory is null ? null : Path.GetFullPath(directory);
        var connection = First(options.ConnectionString, configuration.GetConnectionString("Sso"))
            ?? (directory is null ? null : "Data Source=" + Path.Combine(directory, "sso.db"));
        if (connection is null)
        {
            problems.Add("There is no database. Give Sso:DataDirectory for SQLite, or Sso:ConnectionString beginning with Host= for PostgreSQL.");
        }

        problems.AddRange(SettingsProblems.Of(options, configuration, development, connection ?? ""));
        var proxies = Proxies("Sso:TrustedProxies", options.TrustedProxies, problems);
        var certificateProxies = Proxies("Sso:ClientCertificates:Proxies", options.ClientCertificates.Proxies, problems);
        var masterKey = FindMasterKey(options, development, directory, problems);
        var engine = new OidcOptions { Issuer = options.Issuer, MasterKey = masterKey ?? Placeholder, AllowLoopbackFetches = development, ClientDocuments = options.ClientIdMetadataDocuments };
        engine.TrustedIssuers.AddRange(options.TrustedIssuers);
        problems.AddRange(engine.Problems());
        return problems.Count > 0
            ? throw new SsoConfigurationException(problems.Distinct().ToList())
            : new SsoSettings(options, environment, masterKey!) { DataDirectory = directory, ConnectionString = connection!, TrustedProxies = proxies, CertificateProxies = certificateProxies };
    }

    public static bool IsPostgresText(string connection) => connection.StartsWith("Host=", StringComparison.OrdinalIgnoreCase);

    // Its absence has been reported already.
    private static MasterKey Placeholder => MasterKey.FromBytes(new byte[32]);

    private static SsoOptions Bind(IConfiguration configuration, List<string> problems)
    {
        var options = new SsoOptions();
        try
        {
            configuration.GetSection("Sso").Bind(options);
        }
        catch (InvalidOperationException e)
        {
            problems.Add(e.InnerException is null ? e.Message : $"{e.Message} {e.InnerException.Message}");
        }

        return options;
    }

    private static MasterKey? FindMasterKey(SsoOptions options, bool development, string? directory, List<string> problems)
    {
        var named = First(options.MasterKey, options.MasterKeyFile, options.MasterKeyCertificate) is not null;
        if (named || !development)
        {
            return MasterKeySource.Read("Sso:MasterKey", options.MasterKey, options.MasterKeyFile, options.MasterKeyCertificate, options.MasterKeyCertificatePassword, problems);
        }

        try
        {
            OwnDirectory.Make(directory!);
            return MasterKeySource.ForDevelopment(directory!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            problems.Add($"The development master key in {directory} cannot be read or made: {e.Message}");
            return null;
        }
    }

    private static List<IPNetwork> Proxies(string setting, IEnumerable<string> texts, List<string> problems)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
        {
            if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(text, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else
            {
                problems.Add($"{setting}: '{text}' is neither an address nor a network such as 10.0.0.0/8.");
            }
        }

        return networks;
    }

    private static string? First(params string?[] values) => values.FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
}
