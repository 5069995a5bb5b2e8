namespace Anthane.Sso.Tests.Support;

/// <summary>A directory of one's own, gone with its owner.</summary>
public sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("anthane-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
