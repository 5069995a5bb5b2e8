using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>
/// Keeps an issuer's published keys on disk, so that a gateway which starts while the issuer is away can check tokens at once. What it reads is
/// checked as if it had been fetched, and has the age of its fetch: an old file does not make a withdrawn key good again.
/// </summary>
internal sealed class KeyFile(string path, ILogger logger)
{
    private static readonly TimeSpan RewriteAfter = TimeSpan.FromMinutes(5);

    private DateTimeOffset writtenAt = DateTimeOffset.MinValue;

    public static KeyFile? For(IssuerSettings issuer, string? directory, ILogger logger)
    {
        if (directory is null || issuer.KeysOnDisk == TimeSpan.Zero)
            return null;

        // A name made of the authority alone: keys of one issuer are never another's, whatever the settings call it.
        var name = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(issuer.Authority)));
        return new KeyFile(Path.Combine(directory, "issuer-keys", name[..16] + ".json"), logger);
    }

    public KeySet? Read(IssuerSettings issuer, DateTimeOffset now)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            using var json = StrictJson.ReadObject(File.ReadAllBytes(path));
            if (json.RootElement.Text("issuer") != issuer.Authority || !json.RootElement.TryGetProperty("fetched_at", out var at) || !at.TryGetInt64(out var seconds))
                throw new MetadataException("it is of another issuer, or says not when it was fetched");
            var fetchedAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
            if (fetchedAt > now + TimeSpan.FromMinutes(1) || now - fetchedAt >= issuer.KeysOnDisk)
                return null;
            var keys = KeySet.Parse(Encoding.UTF8.GetBytes(json.RootElement.GetProperty("jwks").GetRawText()), fetchedAt);
            logger.LogInformation("Issuer {Issuer}: {Count} key(s) from disk, fetched {FetchedAt:u}", issuer.Name, keys.Count, fetchedAt);
            return keys;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or MetadataException
            or KeyNotFoundException or ArgumentOutOfRangeException)
        {
            logger.LogWarning("Issuer {Issuer}: the keys in {Path} are not used: {Reason}", issuer.Name, path, unusable.Message);
            return null;
        }
    }

    /// <param name="issuer">Whose they are.</param>
    /// <param name="keys">What was fetched just now.</param>
    /// <param name="isNew">Whether they are other keys than before; else only their age is refreshed, now and then.</param>
    public void Keep(IssuerSettings issuer, KeySet keys, bool isNew)
    {
        if (!isNew && keys.FetchedAt - writtenAt < RewriteAfter)
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);

            // Several gateways may share the folder: each writes a file of its own first.
            var unfinished = $"{path}.{Environment.ProcessId}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}";
            using (var stream = File.Create(unfinished))
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartObject();
                json.WriteString("issuer", issuer.Authority);
                json.WriteNumber("fetched_at", keys.FetchedAt.ToUnixTimeSeconds());
                json.WritePropertyName("jwks");
                json.WriteRawValue(keys.Source.Span);
                json.WriteEndObject();
            }

            File.Move(unfinished, path, overwrite: true);
            writtenAt = keys.FetchedAt;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("Issuer {Issuer}: its keys could not be kept in {Path}: {Reason}", issuer.Name, path, unwritable.Message);
        }
    }
}
