using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>A real SSO in a process of its own on a new SQLite file, with the clients that the lanes need, and a signed-in browser.</summary>
internal sealed class Sso : IAsyncDisposable
{
    public const string Verifier = "bench-verifier-bench-verifier-bench-verifier-0";
    public const string Challenge = "5cEI1kqoDLHVXkJhw7uj-7NBGHwkTMBlHGTZELpFdaU";
    public const string ExchangeClient = "bench-exchange";
    public const string ExchangeSecret = "bench-exchange-development-secret-0001";
    public const string EllipticClient = "bench-elliptic";
    public const string EllipticSecret = "bench-elliptic-development-secret-0001";
    private readonly DirectoryInfo folder;
    private readonly Child child;

    private Sso(DirectoryInfo folder, Child child)
    {
        this.folder = folder;
        this.child = child;
    }

    public string Address => child.Address;

    public static async Task<Sso> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("anthane-bench-");
        var port = Processes.FreePort();
        var address = $"http://127.0.0.1:{port}";
        var child = await Child.StartAsync(Environment.ProcessPath!, address, "/.well-known/openid-configuration", ["serve", "sso", "--urls", address, .. Settings(address, folder), .. settings]);
        return new Sso(folder, child);
    }

    /// <summary>Processor time of the server so far.</summary>
    public TimeSpan Cpu => child.Cpu;

    /// <summary>A browser that is signed in, as its cookie header.</summary>
    public async Task<string> SignInAsync(string userName = "alice@anthane.test", string password = "wonderland-tea-at-four")
    {
        var cookies = new CookieContainer();
        using var handler = new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(Address) };
        var page = await http.GetStringAsync("/account/login");
        var token = Regex.Match(page, "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = token,
            [Field(page, "Username")] = userName,
            [Field(page, "Password")] = password,
        });
        using var answer = await http.PostAsync("/account/login", form);
        var header = cookies.GetCookieHeader(new Uri(Address));
        return header.Contains("anthane-session", StringComparison.Ordinal) ? header : throw new InvalidOperationException($"Signing in answered {(int)answer.StatusCode} and no session.");
    }

    public static string AuthorizePath(string clientId, string scope) =>
        $"/connect/authorize?response_type=code&client_id={clientId}&redirect_uri={Uri.EscapeDataString(RedirectUri)}&scope={Uri.EscapeDataString(scope)}&state=s&code_challenge={Challenge}&code_challenge_method=S256";

    public static string RedirectUri => "http://localhost:8601/callback";

    /// <summary>The refresh token of a new code flow.</summary>
    public Task<string> RefreshTokenAsync(string cookie, string scope) => TokenAsync(cookie, scope, "refresh_token");

    /// <summary>One token of a new code flow, by its name in the answer.</summary>
    public async Task<string> TokenAsync(string cookie, string scope, string name)
    {
        using var handler = new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(Address) };
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        using var authorized = await http.GetAsync(AuthorizePath("notes", scope));
        var code = Regex.Match(authorized.Headers.Location?.Query ?? "", "code=([^&]+)").Groups[1].Value;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = "notes",
            ["code"] = code,
            ["redirect_uri"] = RedirectUri,
            ["code_verifier"] = Verifier,
        });
        using var answer = await http.PostAsync("/connect/token", form);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty(name).GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await child.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static string[] Settings(string address, DirectoryInfo folder) =>
    [
        "--Sso:Issuer", address,
        "--Sso:DataDirectory", folder.FullName,
        "--Sso:Seed:Clients:90:ClientId", ExchangeClient,
        "--Sso:Seed:Clients:90:Name", "Bench",
        "--Sso:Seed:Clients:90:Kind", "Service",
        "--Sso:Seed:Clients:90:Secret", ExchangeSecret,
        "--Sso:Seed:Clients:90:GrantTypes:0", "urn:ietf:params:oauth:grant-type:token-exchange",
        "--Sso:Seed:Clients:90:Scopes:0", "orders.read",
        "--Sso:Seed:Clients:90:Exchange:From:0", "https://orders.anthane.test",
        "--Sso:Seed:Clients:90:Exchange:To:0", "https://orders.anthane.test",
        "--Sso:Seed:Apis:90:Audience", "https://elliptic.anthane.test",
        "--Sso:Seed:Apis:90:Name", "Bench",
        "--Sso:Seed:Apis:90:SigningAlgorithm", "ES256",
        "--Sso:Seed:Apis:90:Scopes:0:Name", "elliptic.read",
        "--Sso:Seed:Apis:90:Scopes:0:DisplayName", "Bench",
        "--Sso:Seed:Clients:91:ClientId", EllipticClient,
        "--Sso:Seed:Clients:91:Name", "Bench",
        "--Sso:Seed:Clients:91:Kind", "Service",
        "--Sso:Seed:Clients:91:Secret", EllipticSecret,
        "--Sso:Seed:Clients:91:Scopes:0", "elliptic.read",
    ];

    private static string Field(string page, string id) =>
        Regex.Match(page, $"<input[^>]*id=\"{id}\"[^>]*>").Value is { Length: > 0 } input
            ? Regex.Match(input, "name=\"([^\"]+)\"").Groups[1].Value
            : throw new InvalidOperationException($"The sign-in page has no field {id}.");
}
