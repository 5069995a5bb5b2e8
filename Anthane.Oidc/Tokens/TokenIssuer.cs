using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Subjects;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Tokens;

/// <summary>What the token endpoint hands out.</summary>
internal sealed record TokenSet(string AccessToken, int ExpiresIn, IReadOnlyList<string> Scopes)
{
    public string? IdToken { get; init; }

    public string? RefreshToken { get; init; }

    /// <summary>The kind of token that came of an exchange (RFC 8693 section 2.2.1); null for every other grant.</summary>
    public string? IssuedTokenType { get; init; }

    /// <summary>The token_type: how the access token is to be sent.</summary>
    public string Type { get; init; } = TokenSchemes.Bearer;
}

/// <summary>How a set of tokens is to differ from what the grant alone says.</summary>
/// <param name="Target">Scopes and audiences of the access token: the grant's, or fewer.</param>
/// <param name="Key">The key that the access token is bound to: the one that its sender has proven now. Null for a bearer token.</param>
/// <param name="RefreshToken">A refresh token to hand out along with it.</param>
/// <param name="Nonce">The nonce for the ID token; a refresh has none (OpenID Connect Core 12.2).</param>
internal sealed record TokenDetails(Target Target, Confirmation? Key, string? RefreshToken = null, string? Nonce = null)
{
    /// <summary>When the access token ends at the latest. Null: when the client's do.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Who acts for the person; null when they act themselves.</summary>
    public Actor? Actor { get; init; }
}

/// <summary>
/// Mints access and ID tokens. It takes a <see cref="Grant"/> and nothing else as a reason to, knows no requests and keeps
/// no record: a token that ends early is written down by what ends it.
/// </summary>
internal sealed class TokenIssuer(KeyRing keys, ISubjectDirectory subjects, ResourceStore resources, OidcOptions options, TimeProvider clock)
{
    public async ValueTask<Result<TokenSet>> IssueAsync(Client client, Grant grant, TokenDetails details, CancellationToken cancellationToken)
    {
        Subject? subject = null;
        if (grant.SubjectId is { } subjectId)
        {
            subject = await subjects.FindAsync(subjectId, cancellationToken);
            if (subject is not { IsActive: true })
            {
                return OidcError.Grant("The grant is not valid.", "the person is disabled or gone");
            }
        }

        var picture = await resources.PictureAsync();
        var apis = details.Target.Audiences.Select(picture.Find).ToArray();
        if (apis.Any(api => api is null))
        {
            return new OidcError(OidcError.InvalidTarget, "The resource is not available any more.");
        }

        var now = clock.GetUtcNow();
        var lifetime = details.NotAfter - now is { } left && left < client.AccessTokenLifetime ? left : client.AccessTokenLifetime;
        var accessToken = await keys.SignAsync(AccessTokenPayload(client, grant, details, subject, apis!, now, lifetime), TokenTypes.AccessToken, AlgorithmOf(apis, client));
        var withIdToken = subject is not null && details.Target.Scopes.Contains(Scopes.OpenId);
        return new TokenSet(accessToken, (int)lifetime.TotalSeconds, details.Target.Scopes)
        {
            RefreshToken = details.RefreshToken,
            Type = TokenSchemes.Of(details.Key),
            IdToken = withIdToken ? await keys.SignAsync(IdTokenPayload(client, grant, details, subject!, accessToken, now), TokenTypes.IdToken, client.SigningAlgorithm) : null,
        };
    }

    /// <summary>The API's own; for several at once the one that all can read; for this server itself the client's.</summary>
    private static string AlgorithmOf(Api?[] apis, Client client) => apis.Length switch
    {
        0 => client.SigningAlgorithm,
        1 => apis[0]!.SigningAlgorithm ?? SigningAlgorithms.Rs256,
        _ => SigningAlgorithms.Rs256,
    };

    /// <summary>RFC 9068. A client that acts as itself is its own subject; a client id can never equal a person's id.</summary>
    private ReadOnlyMemory<byte> AccessTokenPayload(Client client, Grant grant, TokenDetails details, Subject? subject, IReadOnlyList<Api> apis, DateTimeOffset now, TimeSpan lifetime) => Json(writer =>
    {
        Common(writer, now, lifetime);
        writer.WriteString("sub", subject is null ? client.ClientId : SubjectIdentifiers.For(client, subject.Id));
        Audience(writer, details.Target.Audiences);
        writer.WriteString("jti", RandomText.Id());
        writer.WriteString("gid", grant.Gid);
        writer.WriteString("client_id", client.ClientId);
        writer.WriteString("scope", Scopes.Join(details.Target.Scopes));
        UserInfoClaims(writer, grant, details);
        details.Key?.WriteClaim(writer);
        details.Actor?.WriteClaim(writer);
        if (subject is null)
        {
            return;
        }

        // Empty when the person did not sign in for this: another issuer named them.
        if (grant.Acr.Length > 0)
        {
            writer.WriteNumber("auth_time", grant.AuthTime.ToUnixTimeSeconds());
            writer.WriteString("acr", grant.Acr);
        }

        if (grant is { SessionBound: true, Sid: { } sid })
        {
            writer.WriteString("sid", sid);
        }

        foreach (var name in apis.SelectMany(api => api.Claims).Distinct(StringComparer.Ordinal))
        {
            Claim(writer, subject, name);
        }
    });

    /// <summary>Protocol claims and sid; profile data goes to userinfo unless the client asked for it here.</summary>
    private ReadOnlyMemory<byte> IdTokenPayload(Client client, Grant grant, TokenDetails details, Subject subject, string accessToken, DateTimeOffset now) => Json(writer =>
    {
        Common(writer, now, client.IdTokenLifetime);
        writer.WriteString("sub", SubjectIdentifiers.For(client, subject.Id));
        writer.WriteString("aud", client.ClientId);
        writer.WriteNumber("auth_time", grant.AuthTime.ToUnixTimeSeconds());
        writer.WriteString("acr", grant.Acr);
        writer.WriteStartArray("amr");
        foreach (var method in grant.Amr.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            writer.WriteStringValue(method);
        }

        writer.WriteEndArray();
        writer.WriteString("at_hash", Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken))[..16]));
        if (details.Nonce is { } nonce)
        {
            writer.WriteString("nonce", nonce);
        }

        if (grant.Sid is { } sid)
        {
            writer.WriteString("sid", sid);
        }

        var ofScopes = client.Has(ClientRule.ClaimsInIdToken) ? ScopeClaims.Of(details.Target.Scopes) : [];
        foreach (var name in ofScopes.Union(grant.Claims.IdToken, StringComparer.Ordinal))
        {
            Claim(writer, subject, name);
        }
    });

    private void Common(Utf8JsonWriter writer, DateTimeOffset now, TimeSpan lifetime)
    {
        writer.WriteString("iss", options.Issuer);
        writer.WriteNumber("iat", now.ToUnixTimeSeconds());
        writer.WriteNumber("exp", (now + lifetime).ToUnixTimeSeconds());
    }

    /// <summary>Says itself what userinfo may tell beside the claims of its scopes, so that userinfo need not look up the grant.</summary>
    private static void UserInfoClaims(Utf8JsonWriter writer, Grant grant, TokenDetails details)
    {
        if (grant.Claims.UserInfo.Count == 0 || !details.Target.Scopes.Contains(Scopes.OpenId))
        {
            return;
        }

        writer.WriteStartArray(AccessToken.UserInfoClaimsName);
        foreach (var name in grant.Claims.UserInfo)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private void Audience(Utf8JsonWriter writer, IReadOnlyList<string> audiences)
    {
        if (audiences.Count <= 1)
        {
            writer.WriteString("aud", audiences.Count == 0 ? options.Issuer : audiences[0]);
            return;
        }

        writer.WriteStartArray("aud");
        foreach (var audience in audiences)
        {
            writer.WriteStringValue(audience);
        }

        writer.WriteEndArray();
    }

    private static void Claim(Utf8JsonWriter writer, Subject subject, string name)
    {
        if (subject.Claims.TryGetValue(name, out var value))
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
