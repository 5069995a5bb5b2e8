using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints;

/// <summary>
/// Finds the access token of a request (RFC 6750: header or form, never the address), whether it still stands, and whether
/// its sender has the key that it is bound to (RFC 9449 section 7, RFC 8705 section 3).
/// </summary>
internal sealed class AccessTokenAuthenticator(TokenReader reader, TokenStatus status, ClientStore clients, DpopProofReader proofs, ClientCertificateReader certificates, OidcOptions options)
{
    private const string DpopScheme = TokenSchemes.Dpop + " ";
    private const string BearerScheme = TokenSchemes.Bearer + " ";

    /// <summary>Whether an Authorization header says that a proof comes with the token.</summary>
    public static bool IsDpop(string authorization) => authorization.StartsWith(DpopScheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>The access token.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">The endpoint that the token is used at.</param>
    public async Task<Result<AccessToken>> AuthenticateAsync(HttpContext http, string path)
    {
        if ((await FindAsync(http)).Failed(out var error, out var sent))
        {
            return error;
        }

        if (await reader.ReadAccessTokenAsync(sent.Text) is not { } token || !await status.IsActiveAsync(token))
        {
            return new OidcError(OidcError.InvalidToken, "The access token is not valid or not valid any more.");
        }

        return await CheckKeyAsync(http, token, sent, path) is { } refused ? refused : token;
    }

    /// <summary>A bound token is worth nothing without its key, and an unbound one gains nothing by a proof (RFC 9449 sections 7.1 and 7.2).</summary>
    private async ValueTask<OidcError?> CheckKeyAsync(HttpContext http, AccessToken token, SentToken sent, string path)
    {
        if (token.Key is not { } key)
        {
            return sent.WithProof ? new OidcError(OidcError.InvalidToken, "The access token is not bound to a key: send it as a Bearer token.") : null;
        }

        if (key.Kind is ConfirmationKind.X5tS256)
        {
            return !sent.WithProof && certificates.Read(http) is { } certificate && ClientCertificateReader.ThumbprintOf(certificate) == key.Thumbprint
                ? null
                : new OidcError(OidcError.InvalidToken, "The access token is bound to a certificate: send it over TLS with that certificate.");
        }

        if (!sent.WithProof)
        {
            return new OidcError(OidcError.InvalidToken, "The access token is bound to a key: prove that you have it.");
        }

        var nonceRequired = options.RequireDpopNonce || (await clients.FindAsync(token.ClientId))?.Has(ClientRule.RequireDpopNonce) is true;
        var read = await proofs.ReadAsync(http, new DpopExpectation(path, nonceRequired, sent.Text));
        return read.Failed(out var refused, out var proof) ? refused
            : proof.Thumbprint == key.Thumbprint ? null
            : new OidcError(OidcError.InvalidToken, "The access token is bound to another key.");
    }

    private static async Task<Result<SentToken>> FindAsync(HttpContext http)
    {
        var headers = http.Request.Headers.Authorization;
        if (headers.Count > 1 || http.Request.Query.ContainsKey("access_token"))
        {
            return OidcError.Request("Send the access token once, in the Authorization header.");
        }

        string? inBody = null;
        if (HttpMethods.IsPost(http.Request.Method) && http.Request.HasFormContentType)
        {
            if ((await FormReader.ReadAsync(http)).Failed(out var error, out var form))
            {
                return error;
            }

            inBody = form["access_token"];
        }

        if (headers.Count == 0)
        {
            return inBody is null ? Answers.NoToken : new SentToken(inBody, WithProof: false);
        }

        return inBody is null ? Read(headers.ToString()) : OidcError.Request("Send the access token once, in the Authorization header.");
    }

    private static Result<SentToken> Read(string header)
    {
        var scheme = IsDpop(header) ? DpopScheme : BearerScheme;
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && header.Length > scheme.Length
            ? new SentToken(header[scheme.Length..], WithProof: scheme == DpopScheme)
            : new OidcError(OidcError.InvalidToken, "The Authorization header must hold a Bearer or DPoP token.");
    }

    private sealed record SentToken(string Text, bool WithProof);
}

/// <summary>Whether a verified access token has ended before its time. Asked of the database, never of a cache.</summary>
internal sealed class TokenStatus(StorageReader reader, ClientStore clients)
{
    public async Task<bool> IsActiveAsync(AccessToken token)
    {
        return await clients.MayHoldTokensAsync(token.ClientId)
            && !await reader.ReadAsync(db => RevocationLog.HasEndedAsync(db, token.Sid, token.Gid, token.Jti, token.Kid, token.ClientId, token.IssuedAt));
    }
}
