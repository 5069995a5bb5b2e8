using System.Runtime.CompilerServices;

namespace Anthane.Sso.Tests.Architecture;

/// <summary>The source files of the solution, as the rules about folders need them.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Path below the project, with forward slashes, and text, of every C# file and page of a project.</summary>
    public static IEnumerable<(string Path, string Text)> Of(string project)
    {
        var root = Path.Combine(Root, project);
        foreach (var file in Directory.EnumerateFiles(root, "*.cs*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(root, file).Replace('\\', '/');
            if (!path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal) && Path.GetExtension(path) is ".cs" or ".cshtml")
            {
                yield return (path, File.ReadAllText(file));
            }
        }
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Anthane.Sso.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run beside their sources.");
    }
}
