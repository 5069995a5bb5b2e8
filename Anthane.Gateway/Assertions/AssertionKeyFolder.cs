using System.Globalization;
using System.Security.Cryptography;

namespace Anthane.Gateway.Assertions;

/// <summary>
/// The folder in which gateways share the keys of their assertions: one file a key, named by when it was made and by the key. Whoever makes one
/// holds the folder's lock and writes it whole under another name first, so that no two make the first key and nobody reads half of one.
/// </summary>
internal sealed class AssertionKeyFolder(string path, TimeProvider clock, TimeSpan rotateAfter)
{
    /// <summary>For so long a key that follows another is only published, so that every service has it before it signs.</summary>
    public static readonly TimeSpan Announcement = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>All keys, the oldest first. Makes the first one, and the next one when it is time; removes what nobody needs any more.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public async Task<IReadOnlyList<AssertionKey>> ReadAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(path);
        var keys = ReadKeys();
        if (keys.Count > 0 && !IsDue(keys) && Outlived(keys).Count == 0)
            return keys;
        await using var held = await LockAsync(cancellation);

        // Another gateway may have been here meanwhile.
        keys = ReadKeys();
        if (keys.Count == 0 || IsDue(keys))
            Write();
        foreach (var outlived in Outlived(keys))
            File.Delete(NameOf(outlived));
        return ReadKeys();
    }

    /// <summary>The key that signs: the youngest that has been published for long enough, or the first one there is.</summary>
    public AssertionKey Signing(IReadOnlyList<AssertionKey> keys) =>
        keys.LastOrDefault(key => clock.GetUtcNow() - key.CreatedAt >= Announcement) ?? keys[0];

    private bool IsDue(List<AssertionKey> keys) => clock.GetUtcNow() - keys[^1].CreatedAt >= rotateAfter;

    /// <summary>Those older than the one that signs, once nothing that they signed can still be good on any gateway.</summary>
    private List<AssertionKey> Outlived(List<AssertionKey> keys)
    {
        if (keys.Count < 2)
            return [];
        var signing = Signing(keys);
        return clock.GetUtcNow() - signing.CreatedAt < Announcement * 2 ? [] : keys.TakeWhile(key => key != signing).ToList();
    }

    private List<AssertionKey> ReadKeys()
    {
        var keys = new List<AssertionKey>();
        foreach (var file in Directory.EnumerateFiles(path, "*.pem"))
        {
            var name = Path.GetFileNameWithoutExtension(file).Split('.');
            if (name.Length != 2 || !long.TryParse(name[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                continue;
            try
            {
                var key = AssertionKey.FromPem(File.ReadAllText(file), DateTimeOffset.FromUnixTimeSeconds(seconds));
                if (key.KeyId == name[1])
                    keys.Add(key);
            }
            catch (FileNotFoundException)
            {
                // Another gateway removed it, since it was outlived.
            }
            catch (Exception unusable) when (unusable is CryptographicException or ArgumentException or UnauthorizedAccessException)
            {
                throw new IOException($"'{file}' is no key of an assertion: {unusable.Message}", unusable);
            }
        }

        return [.. keys.OrderBy(key => key.CreatedAt).ThenBy(key => key.KeyId, StringComparer.Ordinal)];
    }

    private void Write()
    {
        var (key, pem) = AssertionKey.Create(clock.GetUtcNow());
        var unfinished = Path.Combine(path, $"{key.KeyId}.new");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(unfinished, options))
            writer.Write(pem);
        File.Move(unfinished, NameOf(key));
    }

    private string NameOf(AssertionKey key) => Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{key.CreatedAt.ToUnixTimeSeconds()}.{key.KeyId}.pem"));

    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(started) < LongestWait)
            {
                // Another process holds it, and only for as long as writing a file takes; the wait is the machine's and not the clock's.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellation);
            }
        }
    }
}
