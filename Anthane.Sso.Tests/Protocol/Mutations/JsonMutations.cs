using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Spoils the JSON in a body: its text, or what it says.</summary>
internal static class JsonMutations
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "99999999999999999999", "\"\"", "[]", "{}", "\"x\"", "[null]", "[[\"https://app.example/cb\"]]", "{\"keys\":[]}", "\"\\ud800\"", "\"\\u0000\"",
        "[\"https://evil.test/*\"]", "[\"javascript:alert(1)\"]", "[\"http://evil.test/cb\"]", "[\"https://app.example/cb#f\"]", "[\"https://user@app.example/cb\"]", "[\"https://app.example/../cb\"]",
        "[\"client_credentials\"]", "[\"password\"]", "[\"implicit\"]", "\"none\"", "\"private_key_jwt\"", "\"orders.write\"", "\"openid admin\"", "\"http://169.254.169.254/\"", "\"file:///etc/passwd\"",
    ];

    private static readonly string[] Members =
    [
        "client_id", "client_secret", "redirect_uris", "grant_types", "response_types", "scope", "token_endpoint_auth_method", "jwks", "jwks_uri", "logo_uri", "client_uri", "policy_uri", "tos_uri",
        "client_name", "contacts", "default_max_age", "backchannel_logout_uri", "post_logout_redirect_uris", "id_token_signed_response_alg", "subject_type", "application_type", "sector_identifier_uri",
        "software_statement", "initiate_login_uri", "require_auth_time", "dpop_bound_access_tokens", "tls_client_auth_subject_dn", "enabled", "rules", "profile", "",
    ];

    public static string Spoil(WireRequest request, Chance chance)
    {
        if (request.Body is not { Length: > 2 } body)
        {
            request.Body = chance.OneOf(HostileTexts.Values) is var text ? Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)) : null;
            return "a body";
        }

        var name = chance.OneOf(Members);
        switch (chance.Below(9))
        {
            case 0:
                request.Body = TextAccidents.Change(body, chance);
                return "an accident in the body";
            case 1:
                request.Body = body.Insert(1, $"\"{name}\":{chance.OneOf(Values)},");
                return $"{name} put before all others";
            case 2:
                request.Body = body + chance.OneOf(new[] { "{}", " x", "\0", ",", "/**/" });
                return "something after the body";
            case 3:
                request.Body = chance.OneOf(new[] { "\u00ef\u00bb\u00bf", "/* x */", " ", "[", "\u00fe\u00ff" }) + body;
                return "something before the body";
            case 4:
                request.Body = body.Insert(1, $"\"x\":{new string('[', 200)}{new string(']', 200)},");
                return "200 levels";
            case 5:
                request.Body = body.Insert(1, $"\"x\":\"{chance.OneOf(new[] { "\u00ff", "\u00c0\u00ae", "\u0001", new string('x', 70_000), "\\x", "\\ud800" })}\",");
                return "a text that is none";
            default:
                return Member(request, body, name, chance);
        }
    }

    private static string Member(WireRequest request, string body, string name, Chance chance)
    {
        // What another accident has spoiled already stays as it is.
        if (!TryParse(body, out var json))
        {
            request.Body = body + " ";
            return "a blank after the body";
        }

        json[name] = null;
        request.Body = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(json.ToJsonString())).Replace($"\"{name}\":null", $"\"{name}\":{chance.OneOf(Values)}", StringComparison.Ordinal);
        return $"{name} replaced";
    }

    private static bool TryParse(string body, out JsonObject json)
    {
        try
        {
            json = JsonNode.Parse(Encoding.Latin1.GetBytes(body)) as JsonObject ?? [];
            return !json.ContainsKey("\n") && json.ToJsonString().Length > 2;
        }
        catch (Exception spoiled) when (spoiled is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            json = [];
            return false;
        }
    }
}
