using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>Whole code + PKCE flows of a signed-in browser: authorize, then redeem; two signatures, three writes.</summary>
internal static class CodeLane
{
    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var sso = await Sso.StartAsync();
        var cookie = await sso.SignInAsync();
        var (load, limit) = await Wrk.MedianBesideSignaturesAsync(plan, seconds => Wrk.RunAsync(sso.Address, 64, seconds, Script(cookie)), () => sso.Cpu);
        table.Ratio("code + PKCE flows with a live session, 64 connections / openssl rsa2048 sign", load.PerSecond / 2, limit, 0.33);
    }

    private static string Script(string cookie) =>
        $$"""
        local codes, first, last = {}, 1, 0
        local browser = { ["Cookie"] = "{{cookie}}" }
        local client = { ["Content-Type"] = "application/x-www-form-urlencoded" }
        function request()
          if first <= last then
            local code = codes[first]
            codes[first] = nil
            first = first + 1
            return wrk.format("POST", "/connect/token", client, "grant_type=authorization_code&client_id=notes&redirect_uri={{Uri.EscapeDataString(Sso.RedirectUri)}}&code_verifier={{Sso.Verifier}}&code=" .. code)
          end
          return wrk.format("GET", "{{Sso.AuthorizePath("notes", "openid profile email orders.read")}}", browser)
        end
        function response(status, headers, body)
          local location = headers["Location"]
          if location then
            last = last + 1
            codes[last] = string.match(location, "code=([^&]+)")
          end
        end
        """;
}
