using Anthane.Demo.Conformance;

namespace Anthane.Demo;

/// <summary>The command: reads the arguments, starts everything, waits for Ctrl+C.</summary>
internal static class DemoProgram
{
    /// <returns>The exit code: 0 after an orderly stop, 1 when it could not start, 2 when the arguments are wrong; the reason is then in <paramref name="error"/>.</returns>
    public static async Task<int> RunAsync(string[] args, DemoAddresses addresses, TextWriter output, TextWriter error, string conformanceIssuer = ConformanceHost.PromisedIssuer)
    {
        var arguments = DemoArguments.Parse(args);
        if (arguments.Problem is { } problem)
        {
            await error.WriteLineAsync(problem);
            await error.WriteLineAsync(DemoArguments.Usage);
            return 2;
        }

        if (arguments.Help)
        {
            await output.WriteLineAsync(DemoArguments.Usage);
            return 0;
        }

        try
        {
            if (arguments.Rotate)
            {
                return await ConformanceProgram.RotateAsync(arguments, conformanceIssuer);
            }

            if (arguments.Conformance is not null)
            {
                return await ConformanceProgram.ServeAsync(arguments, conformanceIssuer, output);
            }

            DemoHost.RefuseTakenPorts(addresses);
            var data = DataDirectory.Prepare(arguments.Data, arguments.Fresh);
            using var ctrlC = new StopSignal();
            await using var demo = await DemoHost.StartAsync(new DemoOptions { DataDirectory = data, Addresses = addresses });
            await output.WriteLineAsync(Banner.For(demo));
            await ctrlC.Received;
            await output.WriteLineAsync("Stopping.");
            return 0;
        }
        catch (DemoException e)
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
