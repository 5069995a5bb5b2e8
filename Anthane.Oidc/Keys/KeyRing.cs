using System.Text;
using Anthane.Oidc.Data;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Keys;

/// <summary>
/// Signs with the active key and shows the public ones. It owns key material in memory and knows nothing of what it signs:
/// no claims, no clients, no token kinds beyond a typ header.
/// </summary>
internal sealed class KeyRing
{
    private readonly OidcOptions options;
    private readonly TimeProvider clock;
    private readonly KeyRotation rotation;
    private readonly CachedRows<KeySet> keys;

    public KeyRing(OidcOptions options, KeyRotation rotation, ChangeStamps stamps, OidcDbFactory databases, TimeProvider clock)
    {
        this.rotation = rotation;
        this.options = options;
        this.clock = clock;
        keys = new CachedRows<KeySet>(stamps, databases, ChangeStamps.Keys, ReadAsync);
    }

    /// <summary>Signs a JSON payload as a compact JWS.</summary>
    /// <param name="payload">The JSON.</param>
    /// <param name="type">The typ of the header.</param>
    /// <param name="algorithm">One of <see cref="SigningAlgorithms"/>. The first signature by one makes its keys.</param>
    public async ValueTask<string> SignAsync(ReadOnlyMemory<byte> payload, string type, string algorithm)
    {
        var set = await keys.GetAsync();
        if (!set.Active.TryGetValue(algorithm, out var signer))
        {
            await rotation.BeginAsync(algorithm);
            signer = (await keys.GetAsync()).Active[algorithm];
        }

        return signer.Sign(payload.Span, type);
    }

    /// <summary>The JWKS document: next, active and recently retired keys. Served from memory while the database is away.</summary>
    public async ValueTask<byte[]> JwksAsync()
    {
        var set = await keys.LastKnownAsync();
        return set.JwksAt(clock.GetUtcNow(), options.Keys.PublishRetiredFor);
    }

    /// <summary>Finds a key for verification. Retired ones beyond their publication serve hints alone.</summary>
    public async ValueTask<JsonWebKey?> FindAsync(string kid, bool forHint)
    {
        var set = await keys.GetAsync();
        return set.Entries.GetValueOrDefault(kid) is { } entry && (forHint || entry.IsPublished(clock.GetUtcNow(), options.Keys.PublishRetiredFor)) ? entry.Key : null;
    }

    private async Task<KeySet> ReadAsync(OidcDb db)
    {
        var rows = await SigningKey.AllAsync(db);
        var entries = new Dictionary<string, KeyEntry>(StringComparer.Ordinal);
        var active = new Dictionary<string, CompactSigner>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var key = new JsonWebKey(row.PublicJwk);
            entries[row.Kid] = new KeyEntry(row.Kid, row.PublicJwk, key, row.RetiredAt);
            if (row.Slot == row.Algorithm + ":active")
            {
                active[row.Algorithm] = new CompactSigner(PrivateKey(row), row.Algorithm);
            }
        }

        return active.ContainsKey(SigningAlgorithms.Rs256)
            ? new KeySet(active, entries)
            : throw new OidcConfigurationException("There is no active signing key in the database.");
    }

    private AsymmetricSecurityKey PrivateKey(SigningKey row) =>
        KeyMaker.Read(row.Algorithm, row.Kid, KeyWrapping.Unwrap(options.MasterKey!, row.WrappedPrivateKey, row.MasterKeyId, row.Kid));

    private sealed record KeyEntry(string Kid, string PublicJwk, JsonWebKey Key, DateTimeOffset? RetiredAt)
    {
        public bool IsPublished(DateTimeOffset now, TimeSpan publishRetiredFor) => RetiredAt is not { } retired || retired + publishRetiredFor > now;
    }

    private sealed class KeySet(IReadOnlyDictionary<string, CompactSigner> active, IReadOnlyDictionary<string, KeyEntry> entries)
    {
        private Published? published;

        /// <summary>By algorithm.</summary>
        public IReadOnlyDictionary<string, CompactSigner> Active { get; } = active;

        public IReadOnlyDictionary<string, KeyEntry> Entries { get; } = entries;

        /// <summary>The same bytes until a retired key leaves.</summary>
        public byte[] JwksAt(DateTimeOffset now, TimeSpan publishRetiredFor)
        {
            var current = published;
            if (current is not null && now < current.Until)
            {
                return current.Document;
            }

            var shown = Entries.Values.Where(entry => entry.IsPublished(now, publishRetiredFor)).ToList();
            var until = shown.Min(entry => entry.RetiredAt + publishRetiredFor) ?? DateTimeOffset.MaxValue;
            current = new Published(Encoding.UTF8.GetBytes($$"""{"keys":[{{string.Join(',', shown.Select(entry => entry.PublicJwk))}}]}"""), until);
            published = current;
            return current.Document;
        }
    }

    private sealed record Published(byte[] Document, DateTimeOffset Until);
}
