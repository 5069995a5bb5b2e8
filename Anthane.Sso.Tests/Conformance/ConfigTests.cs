using System.Text.Json;
using System.Text.RegularExpressions;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>
/// oidcc-config, with an https issuer as a deployment has. The suite warns about metadata that it does not know; what we
/// publish is on the list here, so that an addition is a decision.
/// </summary>
public sealed class ConfigTests
{
    private static readonly string[] Known =
    [
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint", "revocation_endpoint", "introspection_endpoint",
        "jwks_uri", "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported", "subject_types_supported",
        "id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_methods_supported", "client_id_metadata_document_supported", "code_challenge_methods_supported", "acr_values_supported", "prompt_values_supported",
        "claims_supported", "claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported",
        "authorization_response_iss_parameter_supported", "pushed_authorization_request_endpoint", "require_pushed_authorization_requests",
        "backchannel_logout_supported", "backchannel_logout_session_supported", "device_authorization_endpoint", "registration_endpoint", "dpop_signing_alg_values_supported",
        "tls_client_certificate_bound_access_tokens", "token_endpoint_auth_signing_alg_values_supported", "revocation_endpoint_auth_signing_alg_values_supported",
        "introspection_endpoint_auth_signing_alg_values_supported",
    ];

    [Fact]
    public async Task oidcc_discovery_endpoint_verification()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "https://sso.example" });
        using var browser = server.NewBrowser();
        var answer = await JsonAnswer.ReadAsync(await browser.GetAsync("/.well-known/openid-configuration"));
        var metadata = answer.Body;
        Assert.Equal("application/json", answer.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("https://sso.example", metadata.GetProperty("issuer").GetString());
        Assert.Equal(Known.Order(StringComparer.Ordinal), metadata.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.All(metadata.EnumerateObject(), ExpectType);
        Assert.Contains("code", Words(metadata, "response_types_supported"));
        Assert.Contains("public", Words(metadata, "subject_types_supported"));
        Assert.Contains("RS256", Words(metadata, "id_token_signing_alg_values_supported"));
        Assert.Contains("S256", Words(metadata, "code_challenge_methods_supported"));
        Assert.Contains("openid", Words(metadata, "scopes_supported"));
        Assert.All(Words(metadata, "scopes_supported"), scope => Assert.Matches(@"\A[\x21\x23-\x5B\x5D-\x7E]+\z", scope));
        Assert.NotEmpty(Words(metadata, "grant_types_supported"));
        await ExpectKeysAsync(browser);
    }

    private static void ExpectType(JsonProperty member)
    {
        if (member.Name.EndsWith("_endpoint", StringComparison.Ordinal) || member.Name == "jwks_uri")
        {
            Assert.StartsWith("https://sso.example/", member.Value.GetString(), StringComparison.Ordinal);
        }
        else if (member.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) && member.Name != "issuer")
        {
            Assert.Equal(JsonValueKind.Array, member.Value.ValueKind);
            Assert.All(member.Value.EnumerateArray(), value => Assert.Equal(JsonValueKind.String, value.ValueKind));
        }
    }

    private static async Task ExpectKeysAsync(TestBrowser browser)
    {
        var keys = (await JsonAnswer.ReadAsync(await browser.GetAsync("/.well-known/jwks.json"))).Body.GetProperty("keys").EnumerateArray().ToArray();
        Assert.NotEmpty(keys);
        Assert.Equal(keys.Length, keys.Select(key => key.GetProperty("kid").GetString()).Distinct().Count());
        Assert.All(keys, key => Assert.False(string.IsNullOrWhiteSpace(key.GetProperty("kid").GetString())));
        Assert.All(keys, key => Assert.DoesNotContain(key.EnumerateObject(), member => Regex.IsMatch(member.Name, "^(d|p|q|dp|dq|qi|oth|k)$")));
        Assert.Contains(keys, key => key.GetProperty("alg").GetString() == "RS256" && key.GetProperty("kty").GetString() == "RSA");
    }

    private static IEnumerable<string> Words(JsonElement metadata, string name) => metadata.GetProperty(name).EnumerateArray().Select(value => value.GetString()!);
}
