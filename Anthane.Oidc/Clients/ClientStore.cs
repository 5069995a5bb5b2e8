using Anthane.Oidc.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Clients;

/// <summary>The clients in memory: asked on every request, read again when one has changed anywhere.</summary>
internal sealed class ClientStore(ChangeStamps stamps, OidcDbFactory databases)
{
    private readonly CachedRows<ClientPicture> rows = new(stamps, databases, ChangeStamps.Clients, ReadAsync);

    public ValueTask<ClientPicture> PictureAsync() => rows.GetAsync();

    /// <summary>For the CORS headers of documents that are served while the database is away.</summary>
    public ValueTask<ClientPicture> LastKnownAsync() => rows.LastKnownAsync();

    /// <summary>An enabled client, or null.</summary>
    public async ValueTask<Client?> FindAsync(string clientId) => (await rows.GetAsync()).Find(clientId);

    /// <summary>Whether what the client was given may still be of use. One from a document has its row on other nodes a moment later only.</summary>
    public async ValueTask<bool> MayHoldTokensAsync(string clientId)
    {
        var picture = await rows.GetAsync();
        return picture.Find(clientId) is not null || (Client.IsAddress(clientId) && !picture.IsDisabled(clientId));
    }

    private static async Task<ClientPicture> ReadAsync(OidcDb db)
    {
        var clients = await db.Set<Client>().AsNoTracking().ToListAsync();
        var secrets = await db.Set<ClientSecret>().AsNoTracking().ToListAsync();
        return new ClientPicture(clients, secrets);
    }
}

/// <summary>All clients and their secrets at one moment.</summary>
internal sealed class ClientPicture(IReadOnlyCollection<Client> clients, IReadOnlyCollection<ClientSecret> secrets)
{
    private readonly Dictionary<string, Client> byId = clients.ToDictionary(client => client.ClientId, StringComparer.Ordinal);
    private readonly Dictionary<string, ClientSecret[]> secretsByClient = secrets.GroupBy(secret => secret.ClientId, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);

    /// <summary>The most secrets with a slow check that one client has: every refusal does as many checks.</summary>
    public int MostSlowSecrets { get; } = secrets.Where(secret => secret.Algorithm == ClientSecrets.Pbkdf2)
        .GroupBy(secret => secret.ClientId, StringComparer.Ordinal)
        .Select(group => group.Count())
        .DefaultIfEmpty()
        .Max();

    /// <summary>Origins of the redirect URIs of enabled clients: those that CORS answers.</summary>
    public IReadOnlySet<string> Origins { get; } = clients.Where(client => client.Enabled)
        .SelectMany(client => client.RedirectUris)
        .Select(uri => new Uri(uri))
        .Where(uri => uri.Scheme is "https" or "http")
        .Select(uri => uri.GetLeftPart(UriPartial.Authority))
        .ToHashSet(StringComparer.Ordinal);

    public IEnumerable<Client> Enabled => byId.Values.Where(client => client.Enabled);

    public Client? Find(string clientId) => byId.GetValueOrDefault(clientId) is { Enabled: true } client ? client : null;

    public bool IsDisabled(string clientId) => byId.GetValueOrDefault(clientId) is { Enabled: false };

    public IReadOnlyCollection<ClientSecret> SecretsOf(string clientId) => secretsByClient.GetValueOrDefault(clientId, []);
}
