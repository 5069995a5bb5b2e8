using Anthane.Gateway.Revocations;

namespace Anthane.Gateway.Authentication;

/// <summary>The end of a validation: a token, or why not. Unavailable means that nobody can tell at the moment.</summary>
internal readonly record struct TokenOutcome(AccessToken? Token, string Problem, bool IsUnavailable);

/// <summary>
/// Decides whether a text is an access token of a trusted issuer (RFC 9068 §4, RFC 8725): what kind it is, whose it is, signature, audience,
/// time, subject, in this order. What a token may do on a route is not decided here.
/// </summary>
internal sealed class TokenValidator(IssuerDirectory issuers, TokenCache cache, RevocationLists revocations, TimeProvider clock)
{
    private const long Skew = 30;
    private const long LongestLife = 24 * 60 * 60;

    private static readonly string[] Algorithms = ["RS256", "ES256", "PS256"];

    /// <summary>The token if it was validated before and is still good.</summary>
    public AccessToken? Known(in TokenHash hash) => cache.Find(hash);

    /// <summary>Changes whenever keys do; see <see cref="IsStillGood"/>.</summary>
    public int Generation => cache.Generation;

    public bool IsStillGood(AccessToken token, int validatedIn) => cache.IsStillGood(token, validatedIn);

    public async ValueTask<TokenOutcome> ValidateAsync(TokenHash hash, string text)
    {
        var generation = cache.Generation;

        // 1. Is it a token of the kind and make that we take?
        if (Jwt.Read(text, out var problem) is not { } jwt)
            return Refuse(problem);
        if (!Algorithms.Contains(jwt.Algorithm, StringComparer.Ordinal))
            return Refuse($"alg {LogText.Of(jwt.Algorithm)} is not accepted");

        // 2. Whose is it? Only that issuer's keys come into question.
        if (jwt.Claims.Text("iss") is not [var iss] || issuers.Find(iss) is not { } issuerKeys)
            return Refuse("iss is not a trusted issuer");
        var issuer = issuerKeys.Issuer;
        if (!IsAccepted(jwt.Type, issuer))
            return Refuse($"typ {LogText.Of(jwt.Type)} is not an access token's");
        if (ProblemOfTimes(jwt.Times) is { } early)
            return Refuse(early);

        // 3. Did they sign it?
        if (await issuerKeys.WithKeyAsync(jwt.KeyId) is not { } keys)
            return new TokenOutcome(null, $"there are no keys of issuer {issuer.Name} yet", IsUnavailable: true);
        if (keys.Find(jwt.KeyId) is not { } key)
            return Refuse($"kid {LogText.Of(jwt.KeyId)} is not a key of issuer {issuer.Name}");
        if (key.Algorithm != jwt.Algorithm || !key.Verify(jwt.SignedBytes, jwt.Signature))
            return Refuse("the signature does not hold");

        // 4. Is it meant for us, and does it say whom it stands for?
        if (jwt.Claims.Audiences() is not { } audiences || !audiences.Any(issuer.Audiences.Contains))
            return Refuse("aud is not an audience of this gateway");
        if (Build(jwt, hash, issuer, audiences, out problem) is not { } token)
            return Refuse(problem);
        if (token.HasEnded)
            return Refuse("it ended before its time: its session, grant, client or key, or it itself");
        cache.Add(hash, token, generation);
        return new TokenOutcome(token, "", IsUnavailable: false);
    }

    private static TokenOutcome Refuse(string problem) => new(null, problem, IsUnavailable: false);

    private static bool IsAccepted(string type, IssuerSettings issuer)
    {
        // RFC 7515 §4.1.9: "application/" may be left out; media types have no case.
        const string prefix = "application/";
        var name = type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? type[prefix.Length..] : type;

        // Our own word to services, whatever the settings say.
        return !name.Equals(Assertions.AssertionWriter.Type, StringComparison.OrdinalIgnoreCase) && issuer.TokenTypes.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    private string? ProblemOfTimes(JsonTimes times)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (now >= times.Expires + Skew)
            return "it has expired";
        if (times.NotBefore > now + Skew || times.IssuedAt > now + Skew)
            return "it is from the future";
        return times.Expires - times.IssuedAt is > LongestLife or <= 0 ? "it lives longer than a day, or not at all" : null;
    }

    private AccessToken? Build(Jwt jwt, TokenHash hash, IssuerSettings issuer, IReadOnlyList<string> audiences, out string problem)
    {
        problem = "";
        if (jwt.Claims.Text("sub") is not [{ Length: > 0 } subject])
            problem = "sub is missing or no text";
        else if (!TokenBinding.TryRead(jwt.Claims, out var binding))
            problem = "it is bound to something (cnf) that cannot be checked here";
        else if (IssuerForms.NotAnAccessToken(jwt) is { } other)
            problem = other;
        else if (jwt.Claims.Has(issuer.Claims.Scope) && jwt.Claims.Values(issuer.Claims.Scope) is null)
            problem = $"{issuer.Claims.Scope} is neither a text nor a list";
        else if (!jwt.Claims.TryClient(issuer.Claims.Client, out var client))
            problem = "client_id is no text";
        else
            return new AccessToken
            {
                Issuer = issuer,
                Claims = jwt.Claims,
                Subject = subject,
                ClientId = client,
                Audiences = audiences,
                Scopes = [.. (jwt.Claims.Values(issuer.Claims.Scope) ?? []).SelectMany(scope => scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))],
                Hash = hash,
                IsClient = IssuerForms.IsClient(jwt.Claims, issuer.Claims, subject, client),
                IssuedAt = jwt.Times.IssuedAt,
                KeyId = jwt.KeyId,
                Binding = binding,
                Revocations = revocations.Of(issuer.Name),
                ExpiresAt = jwt.Times.Expires,
            };
        return null;
    }
}
