using System.Security.Claims;
using System.Text.Json;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Tokens;

/// <summary>An access token of ours, verified and not yet expired.</summary>
internal sealed record AccessToken(JsonWebToken Jwt)
{
    public const string UserInfoClaimsName = "userinfo_claims";

    public string Subject => Jwt.Subject;

    public string ClientId => Text("client_id")!;

    public string? Sid => Text("sid");

    public string? Gid => Text("gid");

    public string Jti => Jwt.Id;

    public string Kid => Jwt.Kid;

    public IReadOnlyList<string> Scopes => (Text("scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Claims that userinfo tells beside those of the scopes, since the client asked for them by name.</summary>
    public IReadOnlyList<string> UserInfoClaims => Jwt.TryGetPayloadValue<string[]>(UserInfoClaimsName, out var names) ? names : [];

    /// <summary>The key that it is bound to; null for a bearer token.</summary>
    public Confirmation? Key => Jwt.TryGetPayloadValue<JsonElement>("cnf", out var cnf) ? Confirmation.OfClaim(cnf) : null;

    /// <summary>Who acts for the person; null when they act themselves.</summary>
    public Actor? Actor => Jwt.TryGetPayloadValue<JsonElement>("act", out var act) ? Actor.OfClaim(act) : null;

    /// <summary>Who alone may act for the person (RFC 8693 section 4.4); null when that is left open, an undefined element when it is no object.</summary>
    public JsonElement? MayAct => !Jwt.TryGetPayloadValue<object>("may_act", out _) ? null : Jwt.TryGetPayloadValue<JsonElement>("may_act", out var mayAct) ? mayAct : default(JsonElement);

    public DateTimeOffset AuthTime => Jwt.TryGetPayloadValue<long>("auth_time", out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;

    public string Acr => Text("acr") ?? "";

    public DateTimeOffset ExpiresAt => new(Jwt.ValidTo, TimeSpan.Zero);

    public DateTimeOffset IssuedAt => new(Jwt.IssuedAt, TimeSpan.Zero);

    /// <summary>A client's own token names the client as its subject.</summary>
    public bool IsOfPerson => Subject != ClientId;

    private string? Text(string claim) => Jwt.TryGetPayloadValue<string>(claim, out var value) ? value : null;
}

/// <summary>An ID token that we signed, whatever its age.</summary>
internal sealed record IdTokenHint(string Subject, string ClientId, string? Sid);

/// <summary>Verifies tokens of our own making: signature first, then kind, issuer and time.</summary>
internal sealed class TokenReader(KeyRing keys, OidcOptions options, TimeProvider clock)
{
    private const int MostCharacters = 16 * 1024;
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    public async ValueTask<AccessToken?> ReadAccessTokenAsync(string text)
    {
        var jwt = await VerifyAsync(text, TokenTypes.AccessToken, forHint: false);
        return jwt is not null && jwt.ValidTo > clock.GetUtcNow().UtcDateTime ? new AccessToken(jwt) : null;
    }

    /// <summary>For id_token_hint: expired or signed by a retired key is fine, foreign or unsigned is not.</summary>
    public async ValueTask<IdTokenHint?> ReadHintAsync(string text)
    {
        var jwt = await VerifyAsync(text, TokenTypes.IdToken, forHint: true);
        return jwt is null ? null : new IdTokenHint(jwt.Subject, jwt.Audiences.First(), jwt.TryGetPayloadValue<string>("sid", out var sid) ? sid : null);
    }

    private async ValueTask<JsonWebToken?> VerifyAsync(string text, string type, bool forHint)
    {
        if (Parse(text) is not { Kid: { Length: > 0 } kid } jwt || await keys.FindAsync(kid, forHint) is not { } key)
        {
            return null;
        }

        var result = await Handler.ValidateTokenAsync(jwt, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = [key.Alg],
            ValidTypes = [type],
            ValidIssuer = options.Issuer,
            ValidateAudience = false,
            ValidateLifetime = false,
            NameClaimType = ClaimTypes.NameIdentifier,
        });
        return result.IsValid ? jwt : null;
    }

    /// <returns>Null unless it has the form of a signed JWT.</returns>
    private static JsonWebToken? Parse(string text)
    {
        if (text.Length > MostCharacters || text.AsSpan().Count('.') != 2)
        {
            return null;
        }

        try
        {
            return new JsonWebToken(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
