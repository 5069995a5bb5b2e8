using System.Text;

namespace Anthane.Gateway.Assertions;

/// <summary>
/// The keys of the gateway's assertions: which one signs, and all that services must know. Given ones are taken as they are; a folder is read
/// again and again, since other gateways write into it; without either there is one in memory, for as long as the process lives.
/// </summary>
internal sealed class AssertionKeys(AssertionSettings settings, TimeProvider clock, ILogger<AssertionKeys> logger) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly AssertionKeyFolder? folder =
        settings.GivenKeys.Count > 0 || settings.KeyDirectory is null ? null : new AssertionKeyFolder(settings.KeyDirectory, clock, settings.RotateAfter);

    private readonly SemaphoreSlim gate = new(1, 1);
    private IReadOnlyList<AssertionKey> known = settings.GivenKeys;
    private AssertionKey? signing = settings.GivenKeys.Count > 0 ? settings.GivenKeys[0] : null;
    private DateTimeOffset readAt = DateTimeOffset.MinValue;

    /// <summary>The key that signs; null before the first <see cref="ReadAsync"/>.</summary>
    public AssertionKey? Signing => Volatile.Read(ref signing);

    /// <summary>The key set as it is published (RFC 7517 §5).</summary>
    public byte[] Document() => Encoding.ASCII.GetBytes($$"""{"keys":[{{string.Join(',', Volatile.Read(ref known).Select(key => key.Jwk))}}]}""");

    /// <summary>Reads what other gateways may have written. Whoever asks for the key set gets what is in the folder now, so that no key signs unpublished.</summary>
    /// <exception cref="IOException">There are no keys yet, and none can be had.</exception>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        if (settings.GivenKeys.Count > 0)
            return;
        await gate.WaitAsync(cancellation);
        try
        {
            if (clock.GetUtcNow() - readAt >= Freshness)
                await TakeAsync(cancellation);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException && signing is not null)
        {
            // What was published stays good; only the next key has to wait.
            logger.LogError(unreadable, "The keys of the assertions cannot be read again; the last ones stay in force");
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task TakeAsync(CancellationToken cancellation)
    {
        if (folder is null)
        {
            if (signing is null)
            {
                var (key, _) = AssertionKey.Create(clock.GetUtcNow());
                logger.LogWarning("The key of the assertions is kept in memory: it is another one after a restart and on another gateway. Set Gateway:DataDirectory");
                known = [key];
                Volatile.Write(ref signing, key);
            }

            return;
        }

        var keys = await folder.ReadAsync(cancellation);
        readAt = clock.GetUtcNow();
        var next = folder.Signing(keys);

        // First the key is there to be asked for, then it signs.
        Volatile.Write(ref known, keys);
        if (signing?.KeyId == next.KeyId)
            return;
        Volatile.Write(ref signing, next);
        logger.LogInformation("Assertions are signed with key {KeyId}; {Count} published", next.KeyId, keys.Count);
    }
}
