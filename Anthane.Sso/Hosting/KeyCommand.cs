using System.Globalization;
using Anthane.Oidc.Administration;

namespace Anthane.Sso.Hosting;

/// <summary>The words after <c>keys</c>: what an operator does to the signing keys, also while the nodes serve.</summary>
internal static class KeyCommand
{
    public static async Task<int> RunAsync(string[] words, KeyAdmin keys, TextWriter output, TextWriter errors)
    {
        switch (words)
        {
            case []:
                return await ListAsync(keys, output);
            case ["revoke", var kid]:
                return await RevokeAsync(kid, keys, output, errors);
            case ["roll"] or ["roll", "now"]:
                return await RollAsync(atOnce: words.Length > 1, keys, output, errors);
            default:
                await errors.WriteLineAsync("usage: Anthane.Sso keys | keys revoke KID | keys roll [now]");
                return 1;
        }
    }

    private static async Task<int> ListAsync(KeyAdmin keys, TextWriter output)
    {
        await output.WriteLineAsync($"{"KID",-24}{"ALGORITHM",-11}{"STATE",-9}SINCE");
        foreach (var key in await keys.ListAsync())
        {
            await output.WriteLineAsync($"{key.Kid,-24}{key.Algorithm,-11}{key.State,-9}{Instant(key.Since)}");
        }

        return 0;
    }

    private static async Task<int> RevokeAsync(string kid, KeyAdmin keys, TextWriter output, TextWriter errors)
    {
        if (!await keys.RevokeAsync(kid, "system"))
        {
            await errors.WriteLineAsync($"There is no key {kid}. Nothing was changed; 'Anthane.Sso keys' lists them.");
            return 1;
        }

        var listed = await keys.ListAsync();
        var algorithm = listed.First(key => key.Kid == kid).Algorithm;
        var active = listed.First(key => key.State == "active" && key.Algorithm == algorithm).Kid;
        await output.WriteLineAsync(
            $"""
            The key {kid} is gone, and {active} signs now.
            Every node refuses what {kid} signed within 5 seconds, every gateway within a minute. Anyone else who checks our
            tokens believes it until they have read the JWKS again, by default within an hour: tell them if it is urgent.
            """);
        return 0;
    }

    private static async Task<int> RollAsync(bool atOnce, KeyAdmin keys, TextWriter output, TextWriter errors)
    {
        if (await keys.RollAsync("system", atOnce) is { } earliest)
        {
            await errors.WriteLineAsync(
                $"The next key may not sign before {Instant(earliest)}: until then not everybody has read it. Nothing was changed. If the active key leaked, revoke it instead.");
            return 1;
        }

        await output.WriteLineAsync("The next key signs now. The one before stays in the JWKS for as long as its tokens can live.");
        return 0;
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
