using System.Net.Mail;

namespace Anthane.Sso.Hosting;

/// <summary>What can be wrong with the settings, beyond what the engine checks itself. Outside Development it is stricter.</summary>
internal static class SettingsProblems
{
    // Passwords that stand in examples and images all over the world.
    private static readonly string[] WellKnownSecrets = ["postgres", "password", "passw0rd", "changeme", "change-me", "secret", "admin", "root", "test", "example", "anthane", "sso"];

    public static IEnumerable<string> Of(SsoOptions options, IConfiguration configuration, bool development, string connection) =>
        Always(options, configuration).Concat(development ? [] : OutsideDevelopment(options, configuration, connection));

    private static IEnumerable<string> Always(SsoOptions options, IConfiguration configuration)
    {
        if (configuration.GetValue("FORWARDEDHEADERS_ENABLED", false))
        {
            yield return "ASPNETCORE_FORWARDEDHEADERS_ENABLED believes every sender's X-Forwarded headers. Unset it and name your proxies in Sso:TrustedProxies.";
        }

        foreach (var problem in Smtp(options.Smtp).Concat(Limits(options.Limits)).Concat(options.ClientCertificates.Problems()))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> Smtp(SmtpOptions smtp)
    {
        if (smtp.Host.Length == 0)
        {
            yield break;
        }

        if (!MailAddress.TryCreate(smtp.From, out _))
        {
            yield return "Sso:Smtp:From must be the sender's address, for example: Anthane <no-reply@example.com>.";
        }

        if (smtp.Port is < 1 or > 65535)
        {
            yield return "Sso:Smtp:Port must be from 1 to 65535.";
        }

        if (!smtp.Tls && smtp.UserName.Length > 0)
        {
            yield return "Sso:Smtp:Tls must be true when a user name is set: the password would travel in the clear.";
        }
    }

    private static IEnumerable<string> Limits(LimitOptions limits)
    {
        (string Name, int Value, int Least, int Most)[] ranges =
        [
            (nameof(limits.FailuresPerAccount), limits.FailuresPerAccount, 3, 100),
            (nameof(limits.FailuresPerAddress), limits.FailuresPerAddress, 10, 10_000),
            (nameof(limits.WindowMinutes), limits.WindowMinutes, 1, 15),
            (nameof(limits.MailsPerAddress), limits.MailsPerAddress, 1, 20),
            (nameof(limits.PostsPerMinute), limits.PostsPerMinute, 10, 100_000),
            (nameof(limits.SignInsPerMinute), limits.SignInsPerMinute, 10, 100_000),
            (nameof(limits.SignInsPerMinuteInAll), limits.SignInsPerMinuteInAll, 10, 1_000_000),
            (nameof(limits.DeviceCodesPerAccount), limits.DeviceCodesPerAccount, 3, 100),
            (nameof(limits.DeviceCodesPerAddress), limits.DeviceCodesPerAddress, 10, 10_000),
            (nameof(limits.DeviceCodesInAll), limits.DeviceCodesInAll, 100, 100_000),
        ];
        return ranges
            .Where(range => range.Value < range.Least || range.Value > range.Most)
            .Select(range => $"Sso:Limits:{range.Name} is {range.Value}; it must be from {range.Least} to {range.Most}.");
    }

    private static IEnumerable<string> OutsideDevelopment(SsoOptions options, IConfiguration configuration, string connection)
    {
        if (options.Issuer.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            yield return "Sso:Issuer is an http address. Outside Development it must be https.";
        }

        if ((configuration["AllowedHosts"] ?? "").Split(';', StringSplitOptions.TrimEntries).Contains("*"))
        {
            yield return "AllowedHosts is *. Name the hosts that this server answers for, or leave it out: the issuer's host and loopback are then allowed.";
        }

        if (IsWellKnown(PasswordIn(connection)))
        {
            yield return "The database password is one that everybody knows. Choose another.";
        }

        if (IsWellKnown(options.Smtp.Password))
        {
            yield return "Sso:Smtp:Password is one that everybody knows. Choose another.";
        }
    }

    private static bool IsWellKnown(string? secret) => secret is { Length: > 0 } && WellKnownSecrets.Contains(secret, StringComparer.OrdinalIgnoreCase);

    private static string? PasswordIn(string connection) => connection.Split(';')
        .Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(pair => pair.Length == 2 && pair[0].ToUpperInvariant() is "PASSWORD" or "PWD")?[1];
}
