using System.Buffers.Text;
using System.Security.Cryptography;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Authentication;

/// <summary>Whether the caller has what its token is bound to: a stolen token is then worth nothing. Asked at every request, also for a token that is remembered.</summary>
internal sealed class PossessionCheck(GatewaySettings settings, UsedProofs used, TimeProvider clock)
{
    /// <summary>How old a proof may be and how far ahead, in seconds: it is made for one request; the rest is for slow networks and clocks that go wrong.</summary>
    public const long OldestProof = 60;
    public const long NewestProof = 30;

    /// <param name="context">The request.</param>
    /// <param name="token">Its token.</param>
    /// <param name="isDpop">Whether the token came by the scheme DPoP (RFC 9449 §7.1).</param>
    public Refusal? Check(HttpContext context, AccessToken token, bool isDpop)
    {
        if (isDpop && token.Binding?.KeyThumbprint is null)
            return Refusal.UnboundToken();
        if (token.Binding is not { } binding)
            return null;
        if (binding.KeyThumbprint is { } thumbprint)
        {
            // Without this rule a thief would only have to leave the proof out.
            if (!isDpop)
                return Refusal.BoundToken("it is bound to a key (cnf.jkt) and came as a plain bearer token");
            if (CheckProof(context, token, thumbprint) is { } refused)
                return refused;
        }

        return binding.CertificateThumbprint is { } expected && !IsOfConnection(context, expected)
            ? Refusal.InvalidToken("it is bound to a certificate (cnf.x5t#S256) that is not the connection's")
            : null;
    }

    private static bool IsOfConnection(HttpContext context, string expected) =>
        context.Connection.ClientCertificate is { } certificate && Base64Url.EncodeToString(SHA256.HashData(certificate.RawData)) == expected;

    private Refusal? CheckProof(HttpContext context, AccessToken token, string thumbprint)
    {
        var sent = context.Request.Headers["DPoP"];
        if (sent.Count != 1 || DpopProof.Read(sent[0]!, out var problem) is not { } proof)
            return Refusal.BadProof(sent.Count == 1 ? "the proof cannot be read" : "there is not exactly one proof");
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (proof.Key.KeyId != thumbprint)
            problem = "its key is not the one that the token is bound to";
        else if (proof.Method != context.Request.Method)
            problem = "htm is not the request's method";
        else if (!IsHere(context, proof.Target))
            problem = "htu is not the request's address";
        else if (proof.TokenHash != token.Hash.Text)
            problem = "ath is not the token's hash";
        else if (proof.IssuedAt < now - OldestProof || proof.IssuedAt > now + NewestProof)
            problem = "iat is not about now";
        else if (!proof.Holds())
            problem = "its signature does not hold";
        if (problem.Length > 0)
            return Refusal.BadProof(problem);

        // Last of all, so that only the holder of the key can use a proof up.
        var legs = context.Features.Get<ProofOfLegs>();
        var lastAccepted = proof.IssuedAt + OldestProof;
        return (legs is null ? used.Use(thumbprint, proof.Id, lastAccepted) : legs.Use(used, thumbprint, proof.Id, lastAccepted)) switch
        {
            UseOfProof.First => null,
            UseOfProof.Again => Refusal.BadProof("it was used before"),
            _ => Refusal.TooMany("more proofs in use than can be remembered", TimeSpan.FromSeconds(OldestProof)),
        };
    }

    /// <summary>RFC 9449 §4.3: scheme, host, port and path as the caller sees them; query and fragment do not count.</summary>
    private bool IsHere(HttpContext context, string target)
    {
        if (!Uri.TryCreate(target, UriKind.Absolute, out var named) || named.UserInfo.Length > 0)
            return false;
        var here = settings.PublicAddress ?? $"{context.Request.Scheme}://{context.Request.Host}";
        return Uri.TryCreate(here, UriKind.Absolute, out var address)
            && named.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) == address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
            && Uri.UnescapeDataString(named.AbsolutePath) == context.Request.Path.Value;
    }
}
