using Anthane.Sso;
using Microsoft.AspNetCore.Connections;

namespace Anthane.Demo.Conformance;

/// <summary>The commands <c>--conformance FILE</c> and <c>--conformance-rotate</c>.</summary>
internal static class ConformanceProgram
{
    /// <summary>Serves until it is told to stop.</summary>
    /// <exception cref="DemoException">It cannot start; the message says why.</exception>
    public static async Task<int> ServeAsync(DemoArguments arguments, string issuer, TextWriter output)
    {
        if (!File.Exists(arguments.Conformance))
        {
            throw new DemoException($"There is no file {arguments.Conformance}. It names clients and users as JSON; docs/conformance.md says how.");
        }

        var directory = Prepare(arguments);
        var authority = LocalAuthority.Prepare(directory, arguments.CaCertificate, arguments.CaKey, TimeProvider.System);
        using var stop = new StopSignal();
        try
        {
            await using var app = ConformanceHost.Build(issuer, directory, Path.GetFullPath(arguments.Conformance), authority);
            await app.StartAsync();
            await output.WriteLineAsync(ConformanceHost.Banner(issuer, directory, authority, await ConformanceHost.InitialAccessTokenAsync(app)));
            await stop.Received;
            await output.WriteLineAsync("Stopping.");
            await app.StopAsync();
            return 0;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new DemoException($"{e.Message} End what listens there, then start again.", e);
        }
    }

    /// <summary>Lets a new key sign at once in the server that runs on the same data.</summary>
    public static async Task<int> RotateAsync(DemoArguments arguments, string issuer) =>
        await SsoHost.RunAsync(["keys", "roll", "now", $"--Sso:Issuer={issuer}", $"--Sso:DataDirectory={Prepare(arguments)}", $"--environment={Environments.Development}"]);

    private static string Prepare(DemoArguments arguments) =>
        DataDirectory.Prepare(arguments.Data, arguments.Fresh, Path.Combine(".anthane", "conformance"));
}
