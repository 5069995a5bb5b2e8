using Anthane.Gateway.Authentication;

namespace Anthane.Gateway.Headers;

/// <summary>The headers by which every service learns who calls. A claim that a token lacks is a header that is not there.</summary>
internal static class IdentityHeaders
{
    private static readonly Dictionary<string, string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        ["x-jwt-iss"] = "iss",
        ["x-jwt-sub"] = "sub",
        ["x-jwt-client-id"] = "client_id",
        ["x-jwt-principal"] = "",
        ["x-jwt-email"] = "email",
        ["x-jwt-name"] = "name",
        ["x-jwt-scope"] = "scope",
        ["x-jwt-roles"] = "roles",
        ["x-jwt-assertion"] = "",
    };

    /// <summary>Whether the name means something fixed that a route cannot change.</summary>
    public static bool IsOwn(string name) => Own.ContainsKey(name);

    /// <summary>The claim behind one of the fixed names.</summary>
    public static string ClaimOf(string name) => Own[name];

    public static List<KeyValuePair<string, string>> Of(AccessToken token)
    {
        var names = token.Issuer.Claims;
        var headers = new List<KeyValuePair<string, string>>(8);
        Add(headers, "x-jwt-iss", [token.Issuer.Authority]);
        Add(headers, "x-jwt-sub", [token.Subject]);
        Add(headers, "x-jwt-client-id", token.ClientId is null ? null : [token.ClientId]);
        Add(headers, "x-jwt-principal", [token.IsClient ? "client" : "user"]);

        // An unverified address is only what somebody typed; a service would take it for who they are.
        Add(headers, "x-jwt-email", names.EmailIsVerified || token.Claims.IsTrue("email_verified") ? token.Claims.Text(names.Email) : null);
        Add(headers, "x-jwt-name", token.Claims.Text(names.Name));
        Add(headers, "x-jwt-scope", token.Claims.Values(names.Scope));
        Add(headers, "x-jwt-roles", token.Claims.ValuesAt(names.Roles));
        return headers;
    }

    public static void Add(List<KeyValuePair<string, string>> headers, string name, IReadOnlyList<string>? values)
    {
        if (values is not null && HeaderEncoding.Encode(values) is { } value)
            headers.Add(new KeyValuePair<string, string>(name, value));
    }
}
