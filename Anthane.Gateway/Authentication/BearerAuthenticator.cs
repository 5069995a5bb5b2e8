using Anthane.Gateway.Limits;
using Anthane.Gateway.Telemetry;
using Microsoft.AspNetCore.Connections.Features;

namespace Anthane.Gateway.Authentication;

/// <summary>The caller that a request's token proves, or why there is none.</summary>
internal readonly record struct AuthenticationResult(AccessToken? Token, Refusal? Refusal);

/// <summary>
/// Turns the Authorization header into a caller, the cheapest way first: the token that this connection sent before, one that was validated
/// before, a validation. Refused ones are counted by address, since each costs a signature.
/// </summary>
internal sealed class BearerAuthenticator(TokenValidator validator, PossessionCheck possession, GatewayLimits limits)
{
    private static readonly object MemoKey = new();

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization;

        // The server hands out the same string object when a connection repeats a header, so that comparing references is enough.
        // Not over HTTP/2, whose requests share a connection at the same time.
        var items = HttpProtocol.IsHttp11(context.Request.Protocol) ? context.Features.Get<IConnectionItemsFeature>()?.Items : null;
        if (items is not null && authorization.Count == 1 && items.TryGetValue(MemoKey, out var found) && found is Memo memo
            && ReferenceEquals(memo.Authorization, authorization[0]) && validator.IsStillGood(memo.Token, memo.Generation))
        {
            Meters.CacheHits.Add(1);
            return new(new AuthenticationResult(memo.Token, null));
        }

        if (BearerCredentials.Read(authorization, out var isDpop, out var refusal) is not { } text)
            return new(new AuthenticationResult(null, refusal));
        var hash = TokenHash.Of(text);
        var generation = validator.Generation;
        if (validator.Known(hash) is not { } known)
        {
            Meters.CacheMisses.Add(1);
            return ValidateAsync(context, hash, text, isDpop);
        }

        Meters.CacheHits.Add(1);
        if (isDpop || !known.IsPlain)
            return new(Proven(context, known, isDpop));
        if (items is not null)
            items[MemoKey] = new Memo(authorization[0]!, known, generation);
        return new(new AuthenticationResult(known, null));
    }

    private async ValueTask<AuthenticationResult> ValidateAsync(HttpContext context, TokenHash hash, string text, bool isDpop)
    {
        var address = context.Connection.RemoteIpAddress;
        if (limits.CheckRefusedTokens(address) is { } tooMany)
            return new(null, tooMany);
        var outcome = await validator.ValidateAsync(hash, text);
        if (outcome.Token is { } token)
            return isDpop || !token.IsPlain ? Proven(context, token, isDpop) : new(token, null);
        if (outcome.IsUnavailable)
            return new(null, Refusal.Unavailable(outcome.Problem));
        limits.CountRefusedToken(address);
        return new(null, Refusal.InvalidToken(outcome.Problem));
    }

    /// <summary>What has to hold at each request anew, however well the token is known.</summary>
    private AuthenticationResult Proven(HttpContext context, AccessToken token, bool isDpop)
    {
        if (token.Revocations is { IsBlind: true, Settings.RefuseWhenBlind: true })
            return new(null, Refusal.Unavailable($"the revocation feed of issuer {token.Issuer.Name} is not heard"));
        var address = context.Connection.RemoteIpAddress;
        if (limits.CheckRefusedTokens(address) is { } tooMany)
            return new(null, tooMany);
        if (possession.Check(context, token, isDpop) is not { } refused)
            return new(token, null);
        limits.CountRefusedToken(address);
        return new(null, refused);
    }

    /// <summary>What a connection sent last, and what it proved under the keys of that generation.</summary>
    private sealed record Memo(string Authorization, AccessToken Token, int Generation);
}
