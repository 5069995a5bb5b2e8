using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints;

/// <summary>Who sends a request, as far as a key tells: what it is given may be bound to the key. Without one it gets bearer tokens.</summary>
internal readonly record struct Sender(Confirmation? Key);

/// <summary>Finds the key that the caller of an endpoint for clients proves to have, by a DPoP proof or by its TLS certificate (RFC 9449 section 5, RFC 8705 section 3).</summary>
internal sealed class SenderReader(DpopProofReader proofs, ClientCertificateReader certificates, OidcOptions options)
{
    /// <summary>At the token endpoint, where a client of bound tokens must prove a key.</summary>
    public ValueTask<Result<Sender>> ReadAsync(HttpContext http, Client client)
    {
        if (client.Has(ClientRule.CertificateBoundAccessTokens))
        {
            return ValueTask.FromResult(ReadCertificate(http));
        }

        if (DpopProofReader.IsSent(http))
        {
            return ReadProofAsync(http, client, OidcEndpoints.Token);
        }

        if (client.Has(ClientRule.SenderConstrainedAccessTokens) && certificates.Read(http) is not null)
        {
            return ValueTask.FromResult(ReadCertificate(http));
        }

        return ValueTask.FromResult<Result<Sender>>(client.Has(ClientRule.DpopBoundAccessTokens) || client.Has(ClientRule.SenderConstrainedAccessTokens)
            ? new OidcError(OidcError.InvalidDpopProof, "This client must send a DPoP proof.")
            : default(Sender));
    }

    /// <summary>At an endpoint that takes a proof and gives no tokens.</summary>
    public ValueTask<Result<Sender>> ReadOptionalAsync(HttpContext http, Client client, string path) =>
        DpopProofReader.IsSent(http) ? ReadProofAsync(http, client, path) : ValueTask.FromResult<Result<Sender>>(default(Sender));

    private Result<Sender> ReadCertificate(HttpContext http)
    {
        if (DpopProofReader.IsSent(http))
        {
            return new OidcError(OidcError.InvalidDpopProof, "Tokens of this client are bound to its certificate: send no DPoP proof.");
        }

        return certificates.Read(http) is { } certificate
            ? new Sender(new Confirmation(ConfirmationKind.X5tS256, ClientCertificateReader.ThumbprintOf(certificate)))
            : OidcError.Request("This client must present a TLS certificate.");
    }

    private async ValueTask<Result<Sender>> ReadProofAsync(HttpContext http, Client client, string path)
    {
        var read = await proofs.ReadAsync(http, new DpopExpectation(path, options.RequireDpopNonce || client.Has(ClientRule.RequireDpopNonce)));
        return read.Failed(out var refused, out var proof) ? refused : new Sender(new Confirmation(ConfirmationKind.Jkt, proof.Thumbprint));
    }
}
