using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints.Discovery;

/// <summary>
/// The metadata document (OpenID Connect Discovery, RFC 8414) and the JWKS. Both are bytes made once per change and served
/// with an ETag; every URL in them comes from the configured issuer.
/// </summary>
internal sealed class DiscoveryEndpoint(OidcOptions options, KeyRing keys, ResourceStore resources)
{
    private readonly string cacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={(int)options.Keys.CacheFor.TotalSeconds}");
    private Document? metadata;
    private Document? jwks;

    public async Task MetadataAsync(HttpContext http)
    {
        var picture = await resources.LastKnownAsync();
        var current = metadata;
        if (current is null || !ReferenceEquals(current.Source, picture))
        {
            current = new Document(picture, Write(picture));
            metadata = current;
        }

        await SendAsync(http, current, "application/json");
    }

    public async Task JwksAsync(HttpContext http)
    {
        var bytes = await keys.JwksAsync();
        var current = jwks;
        if (current is null || !ReferenceEquals(current.Source, bytes))
        {
            current = new Document(bytes, bytes);
            jwks = current;
        }

        await SendAsync(http, current, "application/jwk-set+json");
    }

    private Task SendAsync(HttpContext http, Document document, string contentType)
    {
        http.Response.Headers.ETag = document.ETag;
        http.Response.Headers.CacheControl = cacheControl;
        if (http.Request.Headers.IfNoneMatch.ToString() == document.ETag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        http.Response.ContentType = contentType;
        http.Response.ContentLength = document.Bytes.Length;
        return http.Response.Body.WriteAsync(document.Bytes, http.RequestAborted).AsTask();
    }

    private byte[] Write(ResourcePicture picture) => JsonSerializer.SerializeToUtf8Bytes(options.ClientDocuments.Enabled ? Metadata(picture).Append(KeyValuePair.Create<string, object>("client_id_metadata_document_supported", true)).ToDictionary() : Metadata(picture));

    private Dictionary<string, object> Metadata(ResourcePicture picture) => new()
    {
        ["issuer"] = options.Issuer,
        ["authorization_endpoint"] = options.Url(OidcEndpoints.Authorize),
        ["pushed_authorization_request_endpoint"] = options.Url(OidcEndpoints.PushedAuthorization),
        ["require_pushed_authorization_requests"] = options.RequirePushedRequests,
        ["device_authorization_endpoint"] = options.Url(OidcEndpoints.DeviceAuthorization),
        ["token_endpoint"] = options.Url(OidcEndpoints.Token),
        ["userinfo_endpoint"] = options.Url(OidcEndpoints.UserInfo),
        ["end_session_endpoint"] = options.Url(OidcEndpoints.EndSession),
        ["revocation_endpoint"] = options.Url(OidcEndpoints.Revoke),
        ["introspection_endpoint"] = options.Url(OidcEndpoints.Introspect),
        ["registration_endpoint"] = options.Url(OidcEndpoints.Registration),
        ["jwks_uri"] = options.Url(OidcEndpoints.Jwks),
        ["scopes_supported"] = Scopes.OfIdentity.Concat(picture.ScopeNames),
        ["response_types_supported"] = new[] { "code" },
        ["response_modes_supported"] = new[] { ResponseModes.Query, ResponseModes.FormPost },
        ["grant_types_supported"] = options.OfferedGrantTypes,
        ["subject_types_supported"] = new[] { "public" },
        ["id_token_signing_alg_values_supported"] = SigningAlgorithms.All,
        ["token_endpoint_auth_methods_supported"] = AuthMethods.Append(ClientAuthMethod.None),
        ["token_endpoint_auth_signing_alg_values_supported"] = AssertionAuthentication.Algorithms,
        ["revocation_endpoint_auth_methods_supported"] = AuthMethods.Append(ClientAuthMethod.None),
        ["revocation_endpoint_auth_signing_alg_values_supported"] = AssertionAuthentication.Algorithms,
        ["introspection_endpoint_auth_methods_supported"] = AuthMethods,
        ["introspection_endpoint_auth_signing_alg_values_supported"] = AssertionAuthentication.Algorithms,
        ["tls_client_certificate_bound_access_tokens"] = options.ClientCertificates.Accepted,
        ["dpop_signing_alg_values_supported"] = DpopKey.Algorithms,
        ["code_challenge_methods_supported"] = new[] { Pkce.S256 },
        ["acr_values_supported"] = AcrValues.Supported,
        ["prompt_values_supported"] = Prompts.All,
        ["claims_supported"] = new[] { "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash" }.Concat(ScopeClaims.All),
        ["claims_parameter_supported"] = true,
        ["request_parameter_supported"] = false,
        ["request_uri_parameter_supported"] = false,
        ["backchannel_logout_supported"] = true,
        ["backchannel_logout_session_supported"] = true,
        ["authorization_response_iss_parameter_supported"] = true,
    };

    /// <summary>Those by certificate only where certificates arrive, and where somebody vouches for them.</summary>
    private IEnumerable<string> AuthMethods => ClientAuthMethod.All.Select(method => method.Name).Where(method => method switch
    {
        ClientAuthMethod.TlsClientAuth => options.ClientCertificates is { Accepted: true, Authorities.Count: > 0 },
        ClientAuthMethod.SelfSignedTlsClientAuth => options.ClientCertificates.Accepted,
        _ => true,
    });

    private sealed class Document(object source, byte[] bytes)
    {
        public object Source { get; } = source;

        public byte[] Bytes { get; } = bytes;

        public string ETag { get; } = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"";
    }
}
