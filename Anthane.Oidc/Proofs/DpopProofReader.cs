using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Proofs;

/// <summary>What a proof must be about, beyond the request that carries it.</summary>
/// <param name="Path">The endpoint's path; its URL comes from the issuer, never from the Host header.</param>
/// <param name="NonceRequired">It must hold a nonce of this server.</param>
/// <param name="AccessToken">The access token that is used with it; null where none is.</param>
internal sealed record DpopExpectation(string Path, bool NonceRequired, string? AccessToken = null);

/// <summary>
/// Checks the DPoP proof of a request (RFC 9449 section 4.3), and uses it up: a proof works once on all nodes together. It
/// knows neither clients nor grants. The cheap checks come first, the signature before the row that remembers the proof.
/// </summary>
internal sealed class DpopProofReader(OidcOptions options, ReplayStore replays, DpopNonces nonces, TimeProvider clock)
{
    private const string Header = "DPoP";
    private const string NonceHeader = "DPoP-Nonce";
    private const string Purpose = "dpop proof";
    private const int MostCharacters = 8 * 1024;
    private const int MostJti = 256;

    /// <summary>A proof is made for one request at once; the rest is for slow networks and for clocks that go wrong.</summary>
    private static readonly TimeSpan OldestProof = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NewestProof = TimeSpan.FromSeconds(30);

    /// <summary>How far behind the clock of another node may be, which then still accepts what this one does not.</summary>
    private static readonly TimeSpan BetweenNodes = TimeSpan.FromSeconds(60);

    /// <summary>Whether there is a proof to read, good or bad.</summary>
    public static bool IsSent(HttpContext http) => http.Request.Headers.ContainsKey(Header);

    /// <summary>Reads the one proof of the request. A nonce that its client should use from now on is put into the answer.</summary>
    public async ValueTask<Result<DpopProof>> ReadAsync(HttpContext http, DpopExpectation expected)
    {
        var headers = http.Request.Headers[Header];
        if (headers.Count != 1 || StrictJws.Read(headers[0] ?? "", MostCharacters) is not { } jws)
        {
            return Refused("there is not exactly one readable proof");
        }

        var checkedKey = CheckKey(jws);
        if (checkedKey.Failed(out var wrong, out var key))
        {
            return wrong;
        }

        if (CheckClaims(jws.Payload, http.Request.Method, expected) is { } mismatch)
        {
            return mismatch;
        }

        if (!key.Verifies(jws.SigningInput, jws.Signature))
        {
            return Refused("the signature is not of this key");
        }

        return CheckNonce(http, jws.Payload, expected) is { } stale ? stale : await UseAsync(jws.Payload, key);
    }

    private static Result<DpopKey> CheckKey(StrictJws jws)
    {
        if (jws.Header.Text("typ") != "dpop+jwt")
        {
            return Refused("typ is not dpop+jwt");
        }

        if (jws.Header.Text("alg") is not { } algorithm || !DpopKey.Algorithms.Contains(algorithm))
        {
            return Refused("alg is not one of those that are supported");
        }

        return jws.Header.TryGetProperty("jwk", out var jwk) && DpopKey.Read(jwk, algorithm) is { } key ? key : Refused("jwk is not a public key for this alg");
    }

    private OidcError? CheckClaims(JsonElement claims, string method, DpopExpectation expected)
    {
        if (claims.Text("jti") is not { Length: > 0 and <= MostJti })
        {
            return Refused("jti is missing or too long");
        }

        if (claims.Text("htm") != method)
        {
            return Refused("htm is not the method of the request");
        }

        if (claims.Text("htu") is not { } target || !IsSame(target, options.Url(expected.Path)))
        {
            return Refused("htu is not the address of the endpoint");
        }

        if (expected.AccessToken is { } token && !IsHash(claims.Text("ath"), token))
        {
            return Refused("ath is not the hash of the access token");
        }

        return CheckTimes(claims);
    }

    /// <summary>nbf and exp are not asked for, but what they say counts.</summary>
    private OidcError? CheckTimes(JsonElement claims)
    {
        var now = clock.GetUtcNow();
        if (claims.Instant("iat") is not { } issued || issued < now - OldestProof || issued > now + NewestProof)
        {
            return Refused("iat is missing, or not about now");
        }

        if (claims.TryGetProperty("nbf", out _) && !(claims.Instant("nbf") <= now + NewestProof))
        {
            return Refused("nbf is no instant or lies ahead");
        }

        return claims.TryGetProperty("exp", out _) && !(claims.Instant("exp") > now - NewestProof) ? Refused("exp is no instant or is over") : null;
    }

    private OidcError? CheckNonce(HttpContext http, JsonElement claims, DpopExpectation expected)
    {
        var nonce = claims.Text("nonce");
        var good = nonce is not null ? nonces.IsGood(nonce) : !expected.NonceRequired && !claims.TryGetProperty("nonce", out _);
        if (!good || (nonce is not null && nonces.IsEnding(nonce)))
        {
            http.Response.Headers[NonceHeader] = nonces.Current;
        }

        return good ? null : new OidcError(OidcError.UseDpopNonce, "Send the proof again with the nonce of the DPoP-Nonce header.");
    }

    private async ValueTask<Result<DpopProof>> UseAsync(JsonElement claims, DpopKey key)
    {
        var forgetAt = claims.Instant("iat")!.Value + OldestProof + BetweenNodes;
        return await replays.UseAsync(Purpose, $"{key.Thumbprint}\n{claims.Text("jti")}", forgetAt)
            ? new DpopProof(key.Thumbprint)
            : Refused("the proof was used before");
    }

    /// <summary>The same address by RFC 3986 section 6.2, whatever its query and fragment.</summary>
    private static bool IsSame(string target, string url)
    {
        if (target == url)
        {
            return true;
        }

        return target.All(c => c is > ' ' and <= '~' and not '\\')
            && Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0
            && uri.GetLeftPart(UriPartial.Path) == new Uri(url).GetLeftPart(UriPartial.Path);
    }

    private static bool IsHash(string? hash, string token) =>
        hash is not null && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(hash),
            Encoding.ASCII.GetBytes(Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(token)))));

    private static OidcError Refused(string detail) => new(OidcError.InvalidDpopProof, "The DPoP proof is not valid.", detail);
}
