using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>
/// One service and whoever stands before it: the bare forwarder, the gateway and HAProxy, each a process of its own. The
/// issuer is a small one with a key of this process, since these lanes need tokens by the ten thousand.
/// </summary>
internal sealed class GatewaySite : IAsyncDisposable
{
    private const string Kid = "bench-1";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("anthane-bench-");
    private readonly RSA key = RSA.Create(2048);
    private readonly List<IAsyncDisposable> children = [];
    private int made;

    public Child Forwarder { get; private set; } = null!;

    public Child Gateway { get; private set; } = null!;

    /// <summary>Null where HAProxy is not installed.</summary>
    public Child? HaProxy { get; private set; }

    private Child Issuer { get; set; } = null!;

    public static async Task<GatewaySite> StartAsync()
    {
        var site = new GatewaySite();
        var keyFile = Path.Combine(site.folder.FullName, "key.pem");
        await File.WriteAllTextAsync(keyFile, site.key.ExportPkcs8PrivateKeyPem());
        site.Issuer = site.Keep(await Child.ServeAsync("issuer", "/jwks", "--Key", keyFile, "--Kid", Kid));
        var upstream = site.Keep(await Child.ServeAsync("upstream", "/"));
        site.Forwarder = site.Keep(await Child.ServeAsync("forwarder", "/", "--Upstream", upstream.Address));
        var ocelot = Path.Combine(site.folder.FullName, "ocelot.json");
        await File.WriteAllTextAsync(ocelot, Routes(new Uri(upstream.Address).Port));
        site.Gateway = site.Keep(await Child.ServeAsync(
            "gateway",
            "/health/ready",
            "--Gateway:Ocelot", ocelot,
            "--Gateway:Issuers:sso:Authority", site.Issuer.Address,
            "--Gateway:Issuers:sso:Audiences:0", "https://orders.anthane.test"));
        if (Processes.Exists("haproxy"))
        {
            site.HaProxy = site.Keep(await site.StartHaProxyAsync(new Uri(upstream.Address).Port));
        }

        return site;
    }

    /// <summary>How often somebody has asked the issuer for its keys.</summary>
    public async Task<int> KeyFetchesAsync()
    {
        using var http = new HttpClient();
        return int.Parse(await http.GetStringAsync(Issuer.Address + "/fetches"), CultureInfo.InvariantCulture);
    }

    /// <summary>New tokens, no two alike.</summary>
    public IReadOnlyList<string> Tokens(int count) => Enumerable.Range(Interlocked.Add(ref made, count) - count, count).AsParallel().Select(number => Token(number, Kid)).ToList();

    /// <summary>New tokens, one a line, in a file that goes with the site.</summary>
    public string FileOfTokens(int count)
    {
        var file = Path.Combine(folder.FullName, Path.GetRandomFileName());
        File.WriteAllLines(file, Tokens(count));
        return file;
    }

    /// <summary>A token whose signature fits another text.</summary>
    public string WithWrongSignature()
    {
        var (one, other) = (Tokens(1)[0], Tokens(1)[0]);
        return one[..one.LastIndexOf('.')] + other[other.LastIndexOf('.')..];
    }

    /// <summary>A token that names a key which nobody has.</summary>
    public string WithUnknownKey() => Token(Interlocked.Increment(ref made), RandomNumberGenerator.GetHexString(16));

    public async ValueTask DisposeAsync()
    {
        foreach (var child in children)
        {
            await child.DisposeAsync();
        }

        key.Dispose();
        folder.Delete(recursive: true);
    }

    private Child Keep(Child child)
    {
        children.Add(child);
        return child;
    }

    private string Token(int number, string kid)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = $$"""{"alg":"RS256","typ":"at+jwt","kid":"{{kid}}"}""";
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"iss":"{{Issuer.Address}}","sub":"person-{{number}}","client_id":"notes","aud":"https://orders.anthane.test","scope":"openid profile email orders.read","jti":"{{RandomNumberGenerator.GetHexString(32)}}","gid":"{{RandomNumberGenerator.GetHexString(32)}}","iat":{{now}},"exp":{{now + 3600}},"auth_time":{{now}},"acr":"urn:anthane:password","email":"person-{{number}}@anthane.test","email_verified":true,"name":"Person {{number}}"}""");
        var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{input}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>Checks algorithm, signature and end, removes the caller's own headers, and passes the same two on.</summary>
    private async Task<Child> StartHaProxyAsync(int upstream)
    {
        var publicKey = Path.Combine(folder.FullName, "public.pem");
        await File.WriteAllTextAsync(publicKey, key.ExportSubjectPublicKeyInfoPem());
        var port = Processes.FreePort();
        var configuration = Path.Combine(folder.FullName, "haproxy.cfg");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            global
              nbthread 2
            defaults
              mode http
              timeout client 30s
              timeout server 30s
              timeout connect 5s
            frontend edge
              bind 127.0.0.1:{{port}}
              http-request return status 200 if { path /ready }
              http-request set-var(txn.bearer) http_auth_bearer
              http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
              http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
              http-request deny deny_status 401 unless { var(txn.bearer),jwt_verify(txn.alg,"{{publicKey}}") 1 }
              http-request set-var(txn.now) date()
              http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
              http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }
              http-request deny deny_status 401 unless { var(txn.bearer),jwt_payload_query('$.aud') -m str https://orders.anthane.test }
              http-request del-header x-jwt -m beg
              http-request set-header x-jwt-sub %[var(txn.bearer),jwt_payload_query('$.sub')]
              http-request set-header x-jwt-email %[var(txn.bearer),jwt_payload_query('$.email')]
              default_backend service
            backend service
              server one 127.0.0.1:{{upstream}}

            """);
        return await Child.StartAsync("haproxy", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"), "/ready", ["-f", configuration]);
    }

    private static string Routes(int port) =>
        $$"""
        {
          "Routes": [
            {
              "UpstreamPathTemplate": "/orders",
              "UpstreamHttpMethod": [ "GET" ],
              "DownstreamPathTemplate": "/orders",
              "DownstreamScheme": "http",
              "DownstreamHostAndPorts": [ { "Host": "127.0.0.1", "Port": {{port}} } ],
              "AuthenticationOptions": { "AuthenticationProviderKeys": [ "sso" ], "AllowedScopes": [ "orders.read" ] }
            }
          ]
        }
        """;
}
