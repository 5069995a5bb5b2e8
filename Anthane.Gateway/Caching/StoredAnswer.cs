using Microsoft.Extensions.Primitives;

namespace Anthane.Gateway.Caching;

/// <summary>An answer as it can be given again.</summary>
internal sealed record StoredAnswer(KeyValuePair<string, StringValues>[] Headers, byte[] Body, DateTimeOffset At, DateTimeOffset Until)
{
    /// <summary>About what it takes in memory.</summary>
    public long Size => Body.Length + 512 + Headers.Sum(header => 2L * (header.Key.Length + header.Value.Sum(value => value?.Length ?? 0)));
}
