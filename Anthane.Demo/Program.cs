using Anthane.Demo;

var arguments = DemoArguments.Parse(args);
if (arguments.Problem is { } problem)
{
    await Console.Error.WriteLineAsync(problem);
    await Console.Error.WriteLineAsync(DemoArguments.Usage);
    return 2;
}

if (arguments.Help)
{
    Console.WriteLine(DemoArguments.Usage);
    return 0;
}

try
{
    DemoHost.RefuseTakenPorts(DemoAddresses.Promised);
    var data = DataDirectory.Prepare(arguments.Data, arguments.Fresh);
    using var ctrlC = new StopSignal();
    await using var demo = await DemoHost.StartAsync(new DemoOptions { DataDirectory = data });
    Console.WriteLine(Banner.For(demo));
    await ctrlC.Received;
    Console.WriteLine("Stopping.");
    return 0;
}
catch (DemoException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
