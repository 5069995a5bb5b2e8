using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Samples;
using Anthane.Sso.Tests.Architecture;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>The verifiers of samples/verify-assertion take what a real gateway signed, and nothing else. A language that is not installed is an error, never a skip.</summary>
public sealed class AssertionVerifierTests : IAsyncLifetime
{
    private static readonly string Samples = Path.Combine(SourceTree.Root, "samples", "verify-assertion");

    // The verifiers are programs of their own: their clock is the machine's.
    private readonly FakeClock clock = new(TimeProvider.System.GetUtcNow());
    private readonly RawServer upstream = new();
    private readonly TempDirectory folder = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private TestIssuer issuer = null!;
    private TestGateway gateway = null!;

    private string KeysAddress => $"http://127.0.0.1:{gateway.Port}/.well-known/anthane-gateway/jwks.json";

    public async ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(
            TestGateway.Route(upstream, "/strict/{everything}", route => (route["Assertion"], route["Service"]) = ("strict", "orders")),
            TestGateway.Route(upstream, change: route => (route["Assertion"], route["Service"]) = ("on", "orders"))),
            new() { ["Gateway:PublicAddress"] = "https://gateway.test", ["Gateway:Assertion:Key"] = key.ExportPkcs8PrivateKeyPem() });
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        key.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task The_one_for_Node_takes_the_real_and_refuses_the_forged() =>
        await JudgeAsync(lines => RunAsync("node", ["check.mjs"], "node", lines));

    [Fact]
    public async Task The_one_for_Python_takes_the_real_and_refuses_the_forged() =>
        await JudgeAsync(lines => RunAsync("/usr/bin/python3", ["-B", "check.py"], "python", lines));

    [Fact]
    public async Task The_one_for_Go_takes_the_real_and_refuses_the_forged()
    {
        var program = Path.Combine(folder.Path, "verify");
        await RunAsync("go", ["build", "-o", program, "."], "go", [], arguments: false);
        await JudgeAsync(lines => RunAsync(program, [], "go", lines));
    }

    [Fact]
    public async Task The_one_for_CSharp_takes_the_real_and_refuses_the_forged()
    {
        using var http = new HttpClient();
        var verifier = new AssertionVerifier(http, new Uri(KeysAddress), "https://gateway.test", "orders", TimeProvider.System);

        // The first requests of a service come at the same time, and none has keys yet.
        var real = await SentAsync("/orders");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => verifier.VerifyAsync(real, "GET", "/orders"))), headers => Assert.Equal("alice-id", headers["x-jwt-sub"]));
        await JudgeAsync(async lines =>
        {
            var said = new List<string>();
            foreach (var words in lines.Select(line => line.Split(' ')))
            {
                try
                {
                    said.Add("ok " + (await verifier.VerifyAsync(words[0], words[1], words[2]))["x-jwt-sub"]);
                }
                catch (CryptographicException refused)
                {
                    said.Add("refused: " + refused.Message);
                }
            }

            return said;
        });
    }

    private async Task JudgeAsync(Func<IReadOnlyList<string>, Task<IReadOnlyList<string>>> judge)
    {
        var real = await SentAsync("/orders");
        var strict = await SentAsync("/strict/7?a=b");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var header = Part(real, 0);
        var claims = Part(real, 1);
        var cut = real.LastIndexOf('.');
        (string Name, string Line)[] bad =
        [
            ("another key by the same name", Sign(header, claims, other)),
            ("a key that nobody published", Sign(With(header, "kid", "unknown"), claims, other)),
            ("another service", Sign(header, With(claims, "aud", "stock"), key)),
            ("another gateway", Sign(header, With(claims, "iss", "https://evil.test"), key)),
            ("expired", Sign(header, With(With(claims, "exp", Now - 30), "iat", Now - 90), key)),
            ("from the future", Sign(header, With(With(claims, "exp", Now + 120), "iat", Now + 60), key)),
            ("another typ", Sign(With(header, "typ", "at+jwt"), claims, key)),
            ("no signature", Sign(With(header, "alg", "none"), claims, key)[..^86]),
            ("changed claims", $"{real.Split('.')[0]}.{Encode(With(claims, "sub", "bob"))}.{real.Split('.')[2]}"),
            ("a signature of no bytes", real[..(cut + 1)]),
            ("no JSON", $"e30x.e30x.{real.Split('.')[2]}"),
            ("a token of the issuer", issuer.Token()),
            ("nothing", "x"),
        ];
        List<(string Name, string Line, string Expected)> cases =
        [
            ("real", $"{real} GET /orders", "ok alice-id"),
            ("real, at another address of the service", $"{real} POST /orders/9", "ok alice-id"),
            ("strict", $"{strict} GET /strict/7?a=b", "ok alice-id"),
            ("strict, other path", $"{strict} GET /strict/8?a=b", "refused"),
            ("strict, other query", $"{strict} GET /strict/7?a=c", "refused"),
            ("strict, other method", $"{strict} POST /strict/7?a=b", "refused"),
            .. bad.Select(one => (one.Name, one.Line + " GET /orders", "refused")),
            ("real again", $"{real} GET /orders", "ok alice-id"),
        ];
        var said = await judge([.. cases.Select(one => one.Line)]);
        Assert.Equal(
            cases.Select(one => $"{one.Name}: {one.Expected}"),
            cases.Zip(said, (one, answer) => $"{one.Name}: {(answer.StartsWith("refused", StringComparison.Ordinal) ? "refused" : answer)}"));
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private async Task<string> SentAsync(string target)
    {
        Assert.Equal(200, (await gateway.GetAsync(target, issuer.Token())).Status);
        return upstream.Last["x-jwt-assertion"]!;
    }

    private async Task<IReadOnlyList<string>> RunAsync(string program, string[] first, string folderName, IReadOnlyList<string> lines, bool arguments = true)
    {
        var start = new ProcessStartInfo(program, arguments ? [.. first, KeysAddress, "https://gateway.test", "orders"] : first)
        {
            WorkingDirectory = Path.Combine(Samples, folderName), RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            foreach (var line in lines)
                await process.StandardInput.WriteLineAsync(line.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
            return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static JsonObject Part(string jwt, int part) => JsonNode.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[part]))!.AsObject();

    private static JsonObject With(JsonObject json, string name, JsonNode value)
    {
        var copy = json.DeepClone().AsObject();
        copy[name] = value;
        return copy;
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string Sign(JsonObject header, JsonObject claims, ECDsa by)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(by.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }
}
