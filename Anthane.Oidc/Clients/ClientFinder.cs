using System.Net;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>Finds a client that nobody registered, whose id is an address.</summary>
/// <param name="clientId">The address.</param>
/// <param name="caller">Who asks for it; looking it up may cost a call to elsewhere.</param>
internal delegate ValueTask<Result<Client>> FindUnregistered(string clientId, IPAddress? caller);

/// <summary>Finds the client that a request is about, registered or not. For what hangs on clients that are known already, ask <see cref="ClientStore"/>.</summary>
internal sealed class ClientFinder(ClientStore clients, FindUnregistered unregistered)
{
    public static OidcError Unknown => OidcError.Request("The app that sent you here is not registered: client_id is missing or unknown.");

    public async ValueTask<Result<Client>> FindAsync(string clientId, IPAddress? caller) =>
        Client.IsAddress(clientId) ? await unregistered(clientId, caller)
        : await clients.FindAsync(clientId) is { } client ? client
        : Unknown;
}
