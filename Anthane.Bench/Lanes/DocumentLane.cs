using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>Discovery and JWKS are bytes made once.</summary>
internal static class DocumentLane
{
    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var sso = await Sso.StartAsync();
        await using var hello = await Child.ServeAsync("hello", "/");
        foreach (var (name, path) in new[] { ("discovery", "/.well-known/openid-configuration"), ("JWKS", "/.well-known/jwks.json") })
        {
            var references = new List<Load>();
            var load = await Wrk.MedianAsync(plan, async seconds =>
            {
                references.Add(await Wrk.RunAsync(hello.Address + "/", 64, seconds));
                return await Wrk.RunAsync(sso.Address + path, 64, seconds);
            });
            table.Ratio($"{name}, 64 connections / bare Kestrel hello", load.PerSecond, Wrk.Median(references).PerSecond, 0.85);
        }
    }
}
