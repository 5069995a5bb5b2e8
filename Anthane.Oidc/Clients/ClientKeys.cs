using System.Runtime.CompilerServices;
using Anthane.Oidc.Keys;

namespace Anthane.Oidc.Clients;

/// <summary>The public keys of a client: those that it registered, or those that it publishes.</summary>
internal sealed class ClientKeys(FetchedKeys fetched)
{
    // By the very text in the picture of all clients: when the picture goes, the keys that were read from it go too.
    private readonly ConditionalWeakTable<string, PublicKeySet> registered = [];

    /// <summary>Null when there are none that may be relied on.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="suffices">Whether they hold the key that is asked for; published ones are fetched anew when not.</param>
    public ValueTask<PublicKeySet?> OfAsync(Client client, Func<PublicKeySet, bool> suffices) =>
        client.Jwks is { } jwks ? ValueTask.FromResult<PublicKeySet?>(registered.GetValue(jwks, Read))
        : client.JwksUri is { } address ? fetched.GetAsync(address, suffices)
        : ValueTask.FromResult<PublicKeySet?>(null);

    private static PublicKeySet Read(string jwks) =>
        PublicKeySet.ReadAll(jwks, out var problem) ?? throw new InvalidOperationException($"A client's keys were saved though they cannot be read: {problem}");
}
