using System.Net;
using Anthane.Demo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Anthane.Sso.Tests.Support;

/// <summary>
/// The whole demo on ports of its own and with a data directory of its own. Migrations were run and keys made once for all
/// of these; each seeds its own clients and people.
/// </summary>
internal sealed class RunningDemo : IAsyncDisposable
{
    private readonly TempDirectory data;

    private RunningDemo(TempDirectory data, DemoHost host) => (this.data, Host) = (data, host);

    public DemoHost Host { get; }

    public DemoAddresses At => Host.Options.Addresses;

    public static async Task<RunningDemo> StartAsync(Action<DemoPart, WebApplicationBuilder>? configure = null)
    {
        var ports = FreePorts.Take(6);
        var addresses = new DemoAddresses
        {
            Sso = $"http://localhost:{ports[0]}",
            Gateway = $"http://localhost:{ports[1]}",
            Notes = $"http://localhost:{ports[2]}",
            Photos = $"http://localhost:{ports[3]}",
            Orders = $"http://127.0.0.1:{ports[4]}",
            Reports = $"http://localhost:{ports[5]}",
        };
        return await StartAsync(data => new DemoOptions { DataDirectory = data, Addresses = addresses, Worker = false, Configure = configure });
    }

    /// <summary>Each part on a registrable domain of its own, with TLS, as in a company that bought three products.</summary>
    /// <returns>The demo, and the Chromium flag that finds these names.</returns>
    public static async Task<(RunningDemo Demo, string ResolverFlag)> StartOnThreeDomainsAsync(LocalAuthority authority)
    {
        var ports = FreePorts.Take(8);
        var addresses = new DemoAddresses
        {
            Sso = "https://login.anthane-one.test",
            Gateway = "https://api.anthane-one.test",
            Notes = "https://notes.anthane-two.test",
            Photos = "https://photos.anthane-three.test",
            Orders = $"http://127.0.0.1:{ports[4]}",
            Reports = $"http://localhost:{ports[6]}",
        };
        DemoPart[] behindTls = [DemoPart.Sso, DemoPart.Gateway, DemoPart.Notes, DemoPart.Photos];
        var demo = await StartAsync(data => new DemoOptions
        {
            DataDirectory = data,
            Addresses = addresses,
            Worker = false,
            Configure = (part, builder) =>
            {
                if (Array.IndexOf(behindTls, part) is >= 0 and var i)
                {
                    builder.WebHost.UseUrls();
                    builder.WebHost.ConfigureKestrel(kestrel => authority.Listen(kestrel, ports[i], new Uri(addresses.Of(part)).Host));
                }

                // The gateway has no resolver rules: it reads the keys at an internal address, as it would behind a firewall.
                if (part == DemoPart.Sso)
                {
                    builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, ports[5]));
                }
                else if (part == DemoPart.Gateway)
                {
                    builder.Configuration["Gateway:Issuers:sso:MetadataAddress"] = $"http://127.0.0.1:{ports[5]}/.well-known/openid-configuration";
                    builder.Configuration["Gateway:Issuers:sso:JwksAddress"] = $"http://127.0.0.1:{ports[5]}/.well-known/jwks.json";
                    builder.Configuration["Gateway:Issuers:sso:RevocationFeed:Address"] = $"http://127.0.0.1:{ports[5]}/connect/revocations";
                    builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, ports[7]));
                }
                else if (part == DemoPart.Orders)
                {
                    builder.Configuration["Orders:GatewayKeys"] = $"http://127.0.0.1:{ports[7]}/.well-known/anthane-gateway/jwks.json";
                }
            },
        });
        var rules = behindTls.Select((part, i) => $"MAP {new Uri(addresses.Of(part)).Host} 127.0.0.1:{ports[i]}");
        return (demo, "--host-resolver-rules=" + string.Join(',', rules));
    }

    private static async Task<RunningDemo> StartAsync(Func<string, DemoOptions> options)
    {
        var data = new TempDirectory();
        try
        {
            await SsoServer.PrepareDirectoryAsync(data.Path);
            return new RunningDemo(data, await DemoHost.StartAsync(options(data.Path)));
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        data.Dispose();
    }
}
