using System.Globalization;
using System.Text;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Registration;
using Anthane.Sso;

namespace Anthane.Demo.Conformance;

/// <summary>
/// The SSO alone, as an external test suite wants it: https under a certificate of a local authority, clients and people from
/// a file, and limits that do not take a suite for an attacker. The suite gets the real server; what is different is settings.
/// </summary>
internal static class ConformanceHost
{
    /// <summary>The issuer that the README promises.</summary>
    public const string PromisedIssuer = "https://localhost:8443";

    /// <summary>Builds it without starting it.</summary>
    /// <param name="issuer">Its address.</param>
    /// <param name="directory">Where its data are.</param>
    /// <param name="file">Clients and people; null when nothing is to be seeded.</param>
    /// <param name="authority">Who vouches for it; null when it is not going to listen.</param>
    public static WebApplication Build(string issuer, string directory, string? file, LocalAuthority? authority) => SsoHost.Build(
        new WebApplicationOptions { ApplicationName = "Anthane.Sso", ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Development },
        builder =>
        {
            builder.Configuration.AddInMemoryCollection(Settings(issuer, directory, file, authority));
            DemoLogging.Apply(builder.Logging, builder.Services);
            builder.Logging.AddFilter("Anthane", LogLevel.Information);
        });

    /// <summary>By which a suite registers clients; they get the legacy rules and may have every scope.</summary>
    public static async Task<string> InitialAccessTokenAsync(WebApplication app)
    {
        var scopes = (await app.Services.GetRequiredService<ApiAdmin>().ScopesAsync()).Select(scope => scope.Name);
        var made = await app.Services.GetRequiredService<RegistrationAdmin>().CreateAsync(
            new InitialAccess("Test suite", ClientProfile.Legacy.Name, [.. Scopes.OfIdentity, .. scopes], [.. ClientGrant.All.Select(grant => grant.Name)], 1_000_000, TimeSpan.FromDays(366)),
            "system");
        return made.Token ?? throw new InvalidOperationException(string.Join(' ', made.Problems));
    }

    /// <summary>What to read first: where it is, whom to trust, how to register.</summary>
    public static string Banner(string issuer, string directory, LocalAuthority authority, string initialAccessToken) => new StringBuilder()
        .AppendLine()
        .AppendLine("The SSO is running for a test suite. Ctrl+C ends it.")
        .AppendLine()
        .AppendLine(CultureInfo.InvariantCulture, $"  issuer       {issuer}")
        .AppendLine(CultureInfo.InvariantCulture, $"  discovery    {issuer}/.well-known/openid-configuration")
        .AppendLine(CultureInfo.InvariantCulture, $"  register at  {issuer}/connect/register")
        .AppendLine(CultureInfo.InvariantCulture, $"  by token     {initialAccessToken}   (initial access token)")
        .AppendLine(CultureInfo.InvariantCulture, $"  trust        {authority.CertificateFile}")
        .AppendLine(CultureInfo.InvariantCulture, $"  data in      {directory}")
        .ToString();

    private static IEnumerable<KeyValuePair<string, string?>> Settings(string issuer, string directory, string? file, LocalAuthority? authority)
    {
        yield return new("Sso:Issuer", issuer);
        yield return new("Sso:DataDirectory", directory);
        yield return new("Sso:Seed:File", file);
        yield return new("Sso:Limits:ExemptLoopback", "true");
        yield return new("Sso:Limits:PostsPerMinute", "100000");
        yield return new("Sso:Limits:FailuresPerAccount", "100");
        yield return new("Sso:ClientCertificates:Ask", "true");
        if (authority is not null)
        {
            yield return new("Kestrel:Endpoints:Conformance:Url", issuer);
            yield return new("Kestrel:Endpoints:Conformance:Certificate:Path", authority.ServerCertificateFile);
            yield return new("Kestrel:Endpoints:Conformance:Certificate:KeyPath", authority.ServerKeyFile);
        }
    }
}
