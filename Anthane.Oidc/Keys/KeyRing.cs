using System.Security.Cryptography;
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
    private readonly CachedRows<KeySet> keys;

    public KeyRing(OidcOptions options, ChangeStamps stamps, OidcDbFactory databases, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        keys = new CachedRows<KeySet>(stamps, databases, ChangeStamps.Keys, ReadAsync);
    }

    /// <summary>Signs a JSON payload as a compact JWS.</summary>
    public async ValueTask<string> SignAsync(ReadOnlyMemory<byte> payload, string type)
    {
        var set = await keys.GetAsync();
        return set.Active.Sign(payload.Span, type);
    }

    /// <summary>The JWKS document: next, active and recently retired keys. Served from memory while the database is away.</summary>
    public async ValueTask<byte[]> JwksAsync()
    {
        var set = await keys.LastKnownAsync();
        return set.JwksAt(clock.GetUtcNow(), options.Keys.PublishRetiredFor);
    }

    /// <summary>Finds a key for verification. Retired ones beyond their publication serve hints alone.</summary>
    public async ValueTask<SecurityKey?> FindAsync(string kid, bool forHint)
    {
        var set = await keys.GetAsync();
        return set.Entries.GetValueOrDefault(kid) is { } entry && (forHint || entry.IsPublished(clock.GetUtcNow(), options.Keys.PublishRetiredFor)) ? entry.Key : null;
    }

    private async Task<KeySet> ReadAsync(OidcDb db)
    {
        var rows = await SigningKey.AllAsync(db);
        var entries = new Dictionary<string, KeyEntry>(StringComparer.Ordinal);
        CompactSigner? active = null;
        foreach (var row in rows)
        {
            var key = new JsonWebKey(row.PublicJwk);
            entries[row.Kid] = new KeyEntry(row.Kid, row.PublicJwk, key, row.RetiredAt);
            if (row.Slot == row.Algorithm + ":active")
            {
                active = new CompactSigner(PrivateKey(row), row.Algorithm);
            }
        }

        return new KeySet(active ?? throw new OidcConfigurationException("There is no active signing key in the database."), entries);
    }

    private RsaSecurityKey PrivateKey(SigningKey row)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(KeyWrapping.Unwrap(options.MasterKey!, row.WrappedPrivateKey, row.MasterKeyId, row.Kid), out _);
        return new RsaSecurityKey(rsa) { KeyId = row.Kid };
    }

    private sealed record KeyEntry(string Kid, string PublicJwk, SecurityKey Key, DateTimeOffset? RetiredAt)
    {
        public bool IsPublished(DateTimeOffset now, TimeSpan publishRetiredFor) => RetiredAt is not { } retired || retired + publishRetiredFor > now;
    }

    private sealed class KeySet(CompactSigner active, IReadOnlyDictionary<string, KeyEntry> entries)
    {
        private Published? published;

        public CompactSigner Active { get; } = active;

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
