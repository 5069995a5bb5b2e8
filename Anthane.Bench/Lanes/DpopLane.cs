using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>
/// Tokens that are bound to a key. Each request carries a new ES256 proof, which costs the server a check and a row in the
/// replay store; the proofs are made before the run, since their making is the client's work.
/// </summary>
internal static class DpopLane
{
    private const int Keys = 16;
    private const string Form = "grant_type=client_credentials&client_id=orders-worker&client_secret=orders-worker-development-secret-0001";
    private const string Unbound =
        $$"""
        wrk.method = "POST"
        wrk.body = "{{Form}}"
        wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
        """;

    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var sso = await Sso.StartAsync();
        var url = sso.Address + "/connect/token";

        // How many proofs are made depends on the rate, and the first seconds of a server are no measure of it.
        await Wrk.RunAsync(url, 64, 2, Unbound);
        var warm = await Wrk.RunAsync(url, 64, 2, Unbound);
        await BoundAsync(url, 4, warm.PerSecond);
        var (unbound, bound) = (new List<Load>(), new List<Load>());
        var used = TimeSpan.Zero;
        for (var round = 0; round < plan.Rounds; round++)
        {
            unbound.Add(await Wrk.RunAsync(url, 64, plan.Seconds, Unbound));
            var before = sso.Cpu;
            bound.Add(await BoundAsync(url, plan.Seconds, unbound[^1].PerSecond));
            used += sso.Cpu - before;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {used.TotalMicroseconds / bound.Sum(load => load.Requests):F0} µs of the server's processor time a bound request"));

        table.Ratio("DPoP-bound client credentials, 64 connections / the same unbound", Wrk.Median(bound).PerSecond, Wrk.Median(unbound).PerSecond, 0.80);
    }

    private static async Task<Load> BoundAsync(string url, int seconds, double mostPerSecond)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, Proofs(url, (int)(mostPerSecond * (seconds + 1) * 1.5)));
            return await Wrk.RunAsync(url, 64, seconds, Script(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Proofs(string url, int count)
    {
        var keys = Enumerable.Range(0, Keys).Select(_ => ECDsa.Create(ECCurve.NamedCurves.nistP256)).ToArray();
        var headers = keys.Select(Header).ToArray();
        var iat = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        for (var i = 0; i < count; i++)
        {
            var claims = string.Create(CultureInfo.InvariantCulture, $$"""{"jti":"{{iat}}-{{i}}","htm":"POST","htu":"{{url}}","iat":{{iat}}}""");
            var input = $"{headers[i % Keys]}.{Encode(Encoding.ASCII.GetBytes(claims))}";
            yield return $"{input}.{Encode(keys[i % Keys].SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
        }

        Array.ForEach(keys, key => key.Dispose());
    }

    private static string Header(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return Encode(Encoding.ASCII.GetBytes($$$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"{{{Encode(point.X!)}}}","y":"{{{Encode(point.Y!)}}}"}}"""));
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>A request after the last proof has none, is answered all the same, and would go unseen: so it has one that is refused.</summary>
    private static string Script(string file) =>
        $$"""
        local proofs = io.open("{{file}}")
        local request_head = "POST /connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {{Form.Length}}\r\nDPoP: "
        local request_tail = "\r\n\r\n{{Form}}"
        function request()
          return request_head .. (proofs:read() or "spent") .. request_tail
        end
        """;
}
