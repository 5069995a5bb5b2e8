using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Demo.Reports;

/// <summary>
/// Believes a token of one type when the sign-in service signed it for this app and it has not ended. The signature is the
/// library's work; what was signed is read anew and strictly, since the library takes duplicate members, unknown header
/// members and numbers in quotes.
/// </summary>
internal sealed class TokenReader(ReportsOptions options, Discovery discovery, TimeProvider clock)
{
    public const string IdToken = "JWT";
    public const string LogoutToken = "logout+jwt";

    /// <summary>How far the clocks of two machines may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private const int LongestToken = 16 * 1024;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };

    /// <returns>The claims: iss, aud, exp and iat are checked.</returns>
    /// <exception cref="ReportsException">It is not to be believed; or, when it passes, the keys could not be had.</exception>
    public async Task<JsonElement> ReadAsync(string token, string type, CancellationToken cancellation)
    {
        await CheckSignatureAsync(token, type, cancellation);
        try
        {
            var parts = token.Split('.');
            CheckHeader(Parse(parts[0]), type);
            var claims = Parse(parts[1]);
            CheckAddressees(claims);
            CheckTimes(claims);
            return claims;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new ReportsException("The token's JSON is not acceptable.", inner: e);
        }
    }

    /// <summary>A text that is there and not empty; null when there is none.</summary>
    /// <exception cref="ReportsException">It is there and is something else.</exception>
    public static string? Text(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : throw new ReportsException($"The token's {name} is no text.");
    }

    /// <summary>An instant in whole seconds.</summary>
    public static DateTimeOffset Instant(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new ReportsException($"The token's {name} is missing or no whole number.");

    private async Task CheckSignatureAsync(string token, string type, CancellationToken cancellation)
    {
        var result = await ValidateAsync(token, type, await discovery.GetAsync(cancellation));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            result = await ValidateAsync(token, type, await discovery.GetAnewAsync(cancellation));
        }

        if (!result.IsValid)
        {
            throw new ReportsException("The token was not made by the sign-in service for this app, or has ended.", inner: result.Exception);
        }
    }

    private Task<TokenValidationResult> ValidateAsync(string token, string type, OpenIdConnectConfiguration service) => Handler.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = service.Issuer,
        ValidAudience = options.ClientId,
        ValidTypes = [type],
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        IssuerSigningKeys = service.SigningKeys,
        TryAllIssuerSigningKeys = false,
        // By this app's clock, which tests can move.
        LifetimeValidator = (_, expires, _, _) => expires > (clock.GetUtcNow() - Skew).UtcDateTime,
    });

    private static JsonElement Parse(string part)
    {
        using var document = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(part), Strict);
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new ReportsException("The token is no JSON object.");
    }

    private static void CheckHeader(JsonElement header, string type)
    {
        // crit and b64 change what a signature means, the others bring keys along: none has a place here.
        if (header.EnumerateObject().Any(member => member.Name is not ("alg" or "kid" or "typ")) || Text(header, "typ") != type)
        {
            throw new ReportsException("The token's header has more than it should, or another type.");
        }
    }

    private void CheckAddressees(JsonElement claims)
    {
        var audience = claims.TryGetProperty("aud", out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 ? value[0] : value;
        if (Text(claims, "iss") != options.Authority || audience.ValueKind != JsonValueKind.String || audience.GetString() != options.ClientId)
        {
            throw new ReportsException("The token is of another issuer, or not for this app alone.");
        }
    }

    private void CheckTimes(JsonElement claims)
    {
        var now = clock.GetUtcNow();
        if (Instant(claims, "exp") <= now - Skew || Instant(claims, "iat") > now + Skew)
        {
            throw new ReportsException("The token has ended, or was made in the future. Is the clock of this computer right?");
        }
    }
}
