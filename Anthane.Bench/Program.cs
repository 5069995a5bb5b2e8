using Anthane.Bench;
using Anthane.Bench.Hosts;

// One executable measures and, as child processes of itself, is everything that is measured.
if (args is ["serve", var what, .. var rest])
{
    return await Serve.RunAsync(what, rest);
}

return await Run.AsyncMain(args);
