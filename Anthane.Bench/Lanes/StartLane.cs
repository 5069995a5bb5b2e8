using System.Runtime.InteropServices;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>The server as it is deployed: published with ReadyToRun, measured from the start of the process.</summary>
internal static class StartLane
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Plan plan, Table table)
    {
        var folder = Directory.CreateTempSubdirectory("anthane-bench-");
        try
        {
            var sso = await PublishAsync("Anthane.Sso", folder);
            var bench = await PublishAsync("Anthane.Bench", folder);
            var data = folder.CreateSubdirectory("data").FullName;
            double fresh;
            await using (var first = await StartSsoAsync(sso, data))
            {
                fresh = first.FirstAnswer.TotalSeconds;
            }

            var (existing, bare) = (new List<double>(), new List<double>());
            for (var round = 0; round < plan.Rounds; round++)
            {
                await using (var reference = await StartBareAsync(bench, folder.FullName))
                {
                    bare.Add(reference.FirstAnswer.TotalSeconds);
                }

                await using var again = await StartSsoAsync(sso, data);
                existing.Add(again.FirstAnswer.TotalSeconds);
            }

            table.NoLater("first answer on an existing database / bare Razor + Identity + EF host", Median(existing), Median(bare));
            table.Below("first answer on a new database", fresh, 4, "s");

            await using var idle = await StartSsoAsync(sso, data);
            await Task.Delay(Rest);
            table.Below("resident memory at rest", idle.Memory("VmRSS"), 140, "MiB");
            table.Below("of which private (RssAnon)", idle.Memory("RssAnon"), 48, "MiB");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> PublishAsync(string project, DirectoryInfo folder)
    {
        var root = Solution();
        var output = Path.Combine(folder.FullName, project);
        await Processes.OutputAsync(
            "dotnet", "publish", Path.Combine(root, project), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false",
            "-p:PublishReadyToRun=true", "-o", output, "-v", "q", "--nologo");
        return Path.Combine(output, project);
    }

    private static Task<Child> StartSsoAsync(string file, string data)
    {
        var address = $"http://127.0.0.1:{Processes.FreePort()}";
        return Child.StartAsync(file, address, "/.well-known/openid-configuration", ["--urls", address, "--Sso:Issuer", address, "--Sso:DataDirectory", data], data);
    }

    private static Task<Child> StartBareAsync(string file, string folder)
    {
        var address = $"http://127.0.0.1:{Processes.FreePort()}";
        return Child.StartAsync(file, address, "/first", ["serve", "bare", "--urls", address, "--Database", $"Data Source={Path.Combine(folder, "bare.db")}"], folder);
    }

    private static string Solution()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Anthane.Sso.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Run the bench from the sources: it publishes the server.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
