namespace Anthane.Sso.Hosting;

/// <summary>Directories that only the server's own user may look into: they hold keys, the database and mail with links.</summary>
internal static class OwnDirectory
{
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
