namespace Anthane.Demo;

/// <summary>Where the demo keeps what must survive a restart.</summary>
internal static class DataDirectory
{
    // --fresh deletes a directory that a person named. It deletes only what an earlier run marked as its own.
    private const string Marker = "made-by-anthane-demo";

    /// <summary>Finds or makes the directory.</summary>
    /// <param name="typed">What --data said, relative to where the command was typed; null for the default.</param>
    /// <param name="fresh">Delete what an earlier run left there.</param>
    /// <param name="standard">The default, below the solution or, without one, where the command was typed.</param>
    /// <returns>An absolute path.</returns>
    /// <exception cref="DemoException">The directory belongs to something else, or cannot be written.</exception>
    public static string Prepare(string? typed, bool fresh, string standard = ".anthane")
    {
        var path = Path.GetFullPath(typed ?? Path.Combine(FindSolution() ?? Environment.CurrentDirectory, standard));
        try
        {
            var marker = Path.Combine(path, Marker);
            if (fresh && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            {
                if (!File.Exists(marker))
                {
                    throw new DemoException($"{path} was not made by this demo, so --fresh does not delete it. Delete it yourself, or name another directory with --data.");
                }

                Directory.Delete(path, recursive: true);
            }

            Directory.CreateDirectory(path);
            File.WriteAllText(marker, "dotnet run --project Anthane.Demo -- --fresh deletes this directory.\n");
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DemoException($"{path} cannot be used for the demo's data: {e.Message}", e);
        }
    }

    private static string? FindSolution()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Anthane.Sso.sln")))
            {
                return at.FullName;
            }
        }

        return null;
    }
}
