using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>Faults of authorization requests, pushed or not.</summary>
internal static class AuthorizeFaults
{
    private const string Orders = "https://orders.anthane.test";

    /// <summary>Those that can be in what is pushed, too.</summary>
    public static readonly Fault[] OfRequests =
    [
        .. Fault.Usual("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method"),

        // What a nonce means hangs on whether there is to be an ID token.
        .. Fault.Usual("nonce").Select(fault => fault with { Alone = true }),
        .. OfAddresses(),
        .. OfResponses(),
        .. OfScopes(),
        .. OfPrompts(),
        .. OfProofs(),
        .. OfExtensions(),
    ];

    /// <summary>Those of the way that the browser takes.</summary>
    public static readonly Fault[] OfBrowsers =
    [
        new("nothing changed", (_, _) => { }),
        new("by POST", (draft, _) => draft.Method = HttpMethod.Post, Alone: true),
        new("by POST, state twice", (draft, _) =>
        {
            draft.Method = HttpMethod.Post;
            draft.Add("state", "other");
        }, Alone: true),
        new("nobody is signed in", (draft, _) => draft.SignedIn = false),
        new("nobody is signed in, prompt=none", (draft, _) =>
        {
            draft.SignedIn = false;
            draft.Set("prompt", "none");
        }),
        Fault.Set("client_id", "unknown", "nobody", "NOTES", "0"),
        Fault.Set("client_id", "a service", "worker"),
    ];

    /// <summary>Those of a request that was pushed.</summary>
    public static readonly Fault[] OfReferences =
    [
        new("nothing changed", (_, _) => { }),
        new("nobody is signed in", (draft, _) => draft.SignedIn = false),
        .. Fault.Usual("client_id", "request_uri"),
        Fault.Set("request_uri", "spent", "{spent_request_uri}"),
        Fault.Set("request_uri", "of another client", "{other_request_uri}"),
        Fault.Set("request_uri", "unknown", "urn:ietf:params:oauth:request_uri:unknown"),
        Fault.Set("request_uri", "of another kind", "https://app.example/request.jwt", "urn:example:request", "x"),
        Fault.Set("redirect_uri", "foreign, beside the reference", "https://evil.example/callback") with { Alone = true },
        Fault.Set("scope", "more, beside the reference", "openid profile email orders.write"),
        Fault.Set("prompt", "login, beside the reference", "login"),
        Fault.Set("response_mode", "form_post, beside the reference", "form_post"),
        Fault.Set("state", "another, beside the reference", "another"),
    ];

    private static Fault[] OfAddresses() =>
    [
        Fault.Set("redirect_uri", "foreign", "https://evil.example/callback", "https://app.example.evil.example/callback", "javascript:alert(1)", "https://localhost/callback"),
        new("redirect_uri: more at its end", (draft, chance) => draft.Set("redirect_uri", draft.Get("redirect_uri") + chance.OneOf(["/", "?a=b", "x", "/../other", "%00", ";a"]))),
        new("redirect_uri: with a fragment", (draft, _) => draft.Set("redirect_uri", draft.Get("redirect_uri") + "#there")),
        new("redirect_uri: in capitals", (draft, _) => draft.Set("redirect_uri", draft.Get("redirect_uri").ToUpperInvariant())),
        new("redirect_uri: another spelling", (draft, chance) => draft.Set("redirect_uri", chance.OneOf(
            ["https://app.example:443/callback", "https://APP.example/callback", "https://app.example/%63allback", "https://app.example/./callback", "https://app.example./callback", "https://user@app.example/callback", "http://app.example/callback"]))),
        Fault.Set("redirect_uri", "no address", "callback", "/callback", "//app.example/callback", " "),
    ];

    private static Fault[] OfResponses() =>
    [
        Fault.Set("response_type", "in capitals", "CODE", "Code"),
        Fault.Set("response_type", "implicit or hybrid", "token", "id_token", "id_token token", "code token", "code id_token"),
        Fault.Set("response_type", "none", "none"),
        Fault.Set("response_type", "unknown", "x", "code x"),
        Fault.Set("response_type", "code twice", "code code"),
        Fault.Set("response_type", "code with blanks", " code", "code "),
        Fault.Set("response_mode", "query", "query"),
        Fault.Set("response_mode", "form_post", "form_post"),
        Fault.Set("response_mode", "fragment", "fragment"),
        Fault.Set("response_mode", "empty", ""),
        Fault.Set("response_mode", "unknown", "x", "FORM_POST", "jwt", "web_message", "query.jwt"),
    ];

    private static Fault[] OfScopes() =>
    [
        Fault.Set("scope", "without openid", "profile email"),
        Fault.Set("scope", "an API's", "openid orders.read"),
        Fault.Set("scope", "an API's alone", "orders.read"),
        Fault.Set("scope", "two APIs'", "openid orders.read stock.read"),
        Fault.Set("scope", "unknown", "openid unknown", "openid Profile", "openid offline-access"),
        Fault.Set("scope", "unknown alone", "unknown"),
        Fault.Set("scope", "known, but not to this client", "openid address", "openid phone"),
        Fault.Set("scope", "an API's that this client may not have", "openid orders.write", "openid stock.take"),
        Fault.Set("scope", "illegal characters", "openid \"profile\"", "openid\tprofile", "openid \\", "openid é"),
        Fault.Set("scope", "the same twice", "openid openid"),
        Fault.Set("scope", "many blanks", "openid  profile", " openid "),
        Fault.Set("scope", "offline_access", "openid offline_access"),
        Fault.Set("resource", "the right API", Orders),
        new("resource: the API of the scope", (draft, _) => With(draft, ("scope", "openid orders.read"), ("resource", Orders))),
        new("resource: another API than the scope's", (draft, _) => With(draft, ("scope", "openid orders.read"), ("resource", "https://stock.anthane.test"))),
        new("resource: both APIs", (draft, _) =>
        {
            With(draft, ("scope", "openid orders.read stock.read"), ("resource", Orders));
            draft.Add("resource", "https://stock.anthane.test");
        }),
        Fault.Set("resource", "unknown", "https://nowhere.example", Orders + "/"),
        Fault.Set("resource", "no absolute address", "orders", "/orders"),
        Fault.Set("resource", "with a fragment", Orders + "#x"),
        Fault.Set("resource", "empty", ""),
    ];

    private static Fault[] OfPrompts() =>
    [
        .. new[] { "none", "login", "consent", "select_account", "create" }.Select(prompt => Fault.Set("prompt", prompt, prompt)),
        Fault.Set("prompt", "empty", ""),
        Fault.Set("prompt", "unknown", "x", "NONE", "login x", "none,login"),
        Fault.Set("prompt", "none beside another", "none login", "consent none"),
        Fault.Set("prompt", "login and consent", "login consent", "consent login"),
        Fault.Set("prompt", "the same twice", "login login"),
        new("prompt twice", (draft, _) => draft.Fields.AddRange([("prompt", "none"), ("prompt", "login")])),
        Fault.Set("max_age", "an hour", "3600", "86400"),
        Fault.Set("max_age", "0", "0"),
        Fault.Set("max_age", "negative", "-1", "-3600"),
        Fault.Set("max_age", "no number", "x", "1e", "ten", "1,5"),
        Fault.Set("max_age", "a number in another notation", "1e5", "0x20000", "+86400", "86400.0", " 86400"),
        Fault.Set("max_age", "a fraction", "1.5"),
        Fault.Set("max_age", "a billion", "1000000000"),
        Fault.Set("max_age", "beyond 32 bits", "2147483648", "99999999999"),
        Fault.Set("max_age", "beyond 64 bits", "99999999999999999999"),
        Fault.Set("max_age", "empty", ""),
        Fault.Set("id_token_hint", "good", "{id_token}"),
        Fault.Set("id_token_hint", "of another client", "{other_id_token}"),
        Fault.Set("id_token_hint", "broken", "x", "a.b.c", "e30.e30.", "{id_token}x"),
        Fault.Set("id_token_hint", "an access token", "{access_token}"),
        Fault.Set("login_hint", "somebody", "alice@anthane.test", "bob@anthane.test"),
        Fault.Set("ui_locales", "any", "de fr", "x"),
        Fault.Set("display", "known", "page", "popup", "touch"),
        Fault.Set("display", "unknown", "x"),
        Fault.Set("acr_values", "the one there is", "pwd"),
        Fault.Set("acr_values", "unknown", "phr", "urn:x urn:y"),
    ];

    private static Fault[] OfProofs() =>
    [
        new("no PKCE", (draft, _) =>
        {
            draft.Remove("code_challenge");
            draft.Remove("code_challenge_method");
        }),
        Fault.Set("code_challenge_method", "plain", "plain"),
        Fault.Set("code_challenge_method", "another", "s256", "S512", "x"),
        Fault.Set("code_challenge", "too short", new string('a', 42), "abc"),
        Fault.Set("code_challenge", "44 to 128 characters", new string('a', 44), new string('a', 128)),
        Fault.Set("code_challenge", "too long", new string('a', 129), new string('a', 500)),
        Fault.Set("code_challenge", "43 characters that are not base64url", new string('a', 42) + ".", new string('a', 42) + "~"),
        Fault.Set("code_challenge", "illegal characters", new string('a', 42) + "=", new string('a', 42) + "+", new string('a', 42) + " "),
        Fault.Set("dpop_jkt", "a thumbprint", OidcFlow.ChallengeOf("key")),
        Fault.Set("dpop_jkt", "no thumbprint", "x", new string('a', 44)),
        Fault.Set("request", "a request object", "e30.e30.", "x"),
        Fault.Set("request_uri", "of another server", "https://app.example/request.jwt", "urn:example:request"),
        Fault.Set("request_uri", "of a request that was never pushed", "urn:ietf:params:oauth:request_uri:unknown"),
        Fault.Set("registration", "metadata", "{}"),
    ];

    private static Fault[] OfExtensions() =>
    [
        Fault.Set("claims", "a few", """{"userinfo":{"email":null},"id_token":{"name":{"essential":true}}}"""),
        Fault.Set("claims", "broken JSON", "{", "x", "{\"userinfo\":}"),
        Fault.Set("claims", "another kind of JSON", "[]", "\"x\"", "1", "null"),
        Fault.Set("claims", "nothing known in it", "{}", """{"x":{}}"""),
        Fault.Set("claims", "a place that is no object", """{"userinfo":[]}""", """{"id_token":"x"}"""),
        Fault.Set("claims", "a wish that is no object", """{"id_token":{"name":"x"}}""", """{"userinfo":{"email":1}}"""),
        Fault.Set("claims", "the same name twice", """{"userinfo":{"email":null,"email":{"essential":true}}}"""),
        Fault.Set("claims", "value beside values", """{"id_token":{"name":{"value":"a","values":["b"]}}}"""),
        Fault.Set("claims", "an acr that cannot be reached", """{"id_token":{"acr":{"essential":true,"values":["phr"]}}}"""),
        Fault.Set("claims", "the acr there is", """{"id_token":{"acr":{"essential":true,"values":["pwd"]}}}"""),
        Fault.Set("claims", "somebody else's sub", """{"id_token":{"sub":{"value":"nobody"}}}"""),
        Fault.Set("claims", "empty", ""),
        Fault.Set("another", "an unknown parameter", "x", ""),
        new("an unknown parameter twice", (draft, _) => draft.Fields.AddRange([("another", "x"), ("another", "y")])),
        Fault.Set("state", "two thousand characters", new string('s', 2000)),
        Fault.Set("state", "with a NUL", "a\0b"),
        Fault.Set("state", "with other scripts", "état €"),
        Fault.Set("client_secret", "in the browser", "a-secret-of-somebody"),
    ];

    private static void With(Draft draft, params (string Name, string Value)[] fields)
    {
        foreach (var (name, value) in fields)
        {
            draft.Set(name, value);
        }
    }
}
