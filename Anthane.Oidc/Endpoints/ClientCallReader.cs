using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints;

/// <summary>What a client sent, and who that client is. Only <see cref="ClientCallReader"/> makes one.</summary>
internal sealed class ClientCall
{
    internal ClientCall(AuthenticatedClient caller, Parameters form) => (Caller, Form) = (caller, form);

    public AuthenticatedClient Caller { get; }

    public Client Client => Caller.Client;

    public Parameters Form { get; }
}

/// <summary>What every endpoint for clients begins with: the form is read once, then its client authenticated.</summary>
internal sealed class ClientCallReader(ClientAuthenticator authenticator)
{
    private static readonly OidcError InAddress = OidcError.Request("Send every parameter in the body, none in the address.");

    private static readonly OidcError NotNamed = new(OidcError.InvalidClient, "Client authentication is required: send an Authorization header, or POST a form.");
    private static readonly string[] Secrets = ["client_secret", "client_assertion", "access_token"];

    /// <summary>Reads a call that may have parameters in its body alone.</summary>
    /// <returns>Null when it was refused, which is then answered already.</returns>
    public ValueTask<ClientCall?> ReadBodyOnlyAsync(HttpContext http, ILogger logger) => ReadAsync(http, logger, http.Request.QueryString.HasValue ? InAddress : null);

    /// <summary>Reads a call; what is in its address is passed over.</summary>
    /// <returns>Null when it was refused, which is then answered already.</returns>
    public ValueTask<ClientCall?> ReadAsync(HttpContext http, ILogger logger) => ReadAsync(http, logger, null);

    /// <summary>Reads a GET, whose parameters are in the address: the client authenticates by a header, or by its certificate, and never there.</summary>
    /// <returns>Null when it was refused, which is then answered already.</returns>
    public async ValueTask<ClientCall?> ReadWithoutBodyAsync(HttpContext http, ILogger logger)
    {
        var query = Parameters.From(http.Request.Query);
        if (Secrets.Any(http.Request.Query.ContainsKey))
        {
            await Answers.RefuseAsync(http, InAddress, logger);
            return null;
        }

        if (query.Repeated.Count > 0 || query.HoldNul)
        {
            await Answers.RefuseAsync(http, OidcError.Request("A parameter was sent more than once, or holds a NUL character."), logger);
            return null;
        }

        if ((await authenticator.AuthenticateAsync(http, Parameters.From([]))).Failed(out var unknown, out var caller))
        {
            await Answers.RefuseAsync(http, http.Request.Headers.Authorization.Count == 0 ? NotNamed : unknown, logger);
            return null;
        }

        return new ClientCall(caller, query);
    }

    private async ValueTask<ClientCall?> ReadAsync(HttpContext http, ILogger logger, OidcError? misplaced)
    {
        if ((await FormReader.ReadAsync(http)).Failed(out var unreadable, out var form))
        {
            await Answers.RefuseAsync(http, unreadable, logger);
            return null;
        }

        if (misplaced is not null)
        {
            await Answers.RefuseAsync(http, misplaced, logger);
            return null;
        }

        if ((await authenticator.AuthenticateAsync(http, form)).Failed(out var unknown, out var caller))
        {
            await Answers.RefuseAsync(http, unknown, logger, form["client_id"]);
            return null;
        }

        return new ClientCall(caller, form);
    }
}
