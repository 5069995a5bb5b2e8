using Anthane.Demo;

return await DemoProgram.RunAsync(args, DemoAddresses.Promised, Console.Out, Console.Error);
