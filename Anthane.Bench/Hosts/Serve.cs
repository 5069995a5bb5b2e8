using Anthane.Gateway;
using Anthane.Sso;

namespace Anthane.Bench.Hosts;

/// <summary>The servers that are measured or that serve as a reference.</summary>
internal static class Serve
{
    public static Task<int> RunAsync(string what, string[] args) => what switch
    {
        "sso" => SsoHost.RunAsync(args),
        "gateway" => GatewayHost.RunAsync(args),
        "hello" => RunAsync(HelloHost.Build(args)),
        "upstream" => RunAsync(UpstreamHost.Build(args)),
        "forwarder" => RunAsync(ForwarderHost.Build(args)),
        "issuer" => RunAsync(IssuerHost.Build(args)),
        "floor" => RunAsync(FloorHost.Build(args)),
        "bare" => RunAsync(BareHost.Build(args)),
        _ => throw new ArgumentException($"There is no server named {what}.", nameof(what)),
    };

    private static async Task<int> RunAsync(WebApplication app)
    {
        await using (app)
        {
            await app.RunAsync();
        }

        return 0;
    }
}
