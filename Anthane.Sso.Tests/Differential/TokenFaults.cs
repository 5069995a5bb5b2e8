using System.Text;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>Faults of requests to the token endpoint, and of client authentication wherever it is needed.</summary>
internal static class TokenFaults
{
    private const string Orders = "https://orders.anthane.test";

    public static readonly Fault[] OfAuthentication =
    [
        new("nothing changed", (_, _) => { }),
        new("secret: wrong", (draft, chance) => Prove(draft, chance.OneOf(["wrong", draft.Party.App.Secret + "x", draft.Party.App.Secret!.ToUpperInvariant()]), draft.Party.Proof), HasSecret),
        new("secret: missing", (draft, _) => draft.Prove(draft.Party.App.ClientId, null, Proof.None), HasSecret),
        new("secret: empty", (draft, _) => Prove(draft, "", draft.Party.Proof), HasSecret),
        new("secret: by the other method", (draft, _) => Prove(draft, draft.Party.App.Secret!, draft.Party.Proof is Proof.Basic ? Proof.Post : Proof.Basic), HasSecret),
        new("secret: by both methods", (draft, _) => Both(draft, draft.Party.App.Secret!), HasSecret),
        new("secret: right in the header, wrong in the body", (draft, _) => Both(draft, "wrong"), HasSecret),
        new("secret: in the address", (draft, _) =>
        {
            draft.Prove(draft.Party.App.ClientId, null, Proof.None);
            draft.Address.Add(("client_secret", draft.Party.App.Secret!));
        }, HasSecret),
        new("secret: of a client that has none", (draft, chance) => Prove(draft, "made-up", chance.OneOf([Proof.Basic, Proof.Post])), party => party.App.Secret is null),
        new("client: unknown, with a secret", (draft, chance) => draft.Prove("nobody", "secret", chance.OneOf([Proof.Basic, Proof.Post]))),
        new("client: unknown, without a secret", (draft, _) => draft.Prove("nobody", null, Proof.None)),
        new("client: nothing names it", (draft, _) =>
        {
            draft.Authorization = null;
            draft.Remove("client_id");
            draft.Remove("client_secret");
        }),
        new("client: another in the body than in the header", (draft, _) => draft.Set("client_id", "nobody"), party => party.Proof is Proof.Basic),
        new("client: the same in the body and in the header", (draft, _) => draft.Set("client_id", draft.Party.App.ClientId), party => party.Proof is Proof.Basic),
        new("header: broken Basic", (draft, chance) => Header(draft, chance.OneOf(["Basic", "Basic !!!", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("nocolon")), "Basic a b"]))),
        new("header: Basic with a broken encoding inside", (draft, _) => Header(draft, Draft.Basic("web:%zz"))),
        new("header: Basic with an empty name", (draft, _) => Header(draft, Draft.Basic(":secret"))),
        new("header: another scheme", (draft, chance) => Header(draft, chance.OneOf(["Bearer x", "Digest x", "x"]))),
        new("header: the scheme in other letters", (draft, chance) => draft.Authorization = chance.OneOf(["basic", "BASIC"]) + draft.Authorization![5..], party => party.Proof is Proof.Basic),
        new("client_id twice, the same", (draft, _) => draft.Fields.AddRange([("client_id", draft.Party.App.ClientId), ("client_id", draft.Party.App.ClientId)])),
        new("client_secret twice", (draft, _) => draft.Fields.AddRange([("client_secret", "a"), ("client_secret", "b")])),
        new("body: JSON by its type", (draft, _) => draft.ContentType = "application/json"),
        new("body: text by its type", (draft, _) => draft.ContentType = "text/plain"),
        new("body: with a charset", (draft, _) => draft.ContentType = "application/x-www-form-urlencoded; charset=utf-8"),
        new("body: its type in capitals", (draft, _) => draft.ContentType = "Application/X-WWW-Form-Urlencoded"),
        new("address: an unknown parameter", (draft, _) => draft.Address.Add(("x", "y"))),
        new("an unknown parameter", (draft, _) => draft.Add("another", "x")),
        new("an unknown parameter twice", (draft, _) => draft.Fields.AddRange([("another", "x"), ("another", "y")])),
        new("a NUL", (draft, _) => draft.Add("another", "a\0b")),
    ];

    public static readonly Fault[] OfTokens =
    [
        .. Fault.Usual("grant_type"),
        Fault.Set("grant_type", "in capitals", "AUTHORIZATION_CODE", "Refresh_Token", "Client_Credentials"),
        Fault.Set("grant_type", "unknown", "x", "urn:x", "authorization_code refresh_token"),
        Fault.Set("grant_type", "password", "password"),
        Fault.Set("grant_type", "implicit", "implicit"),
        Fault.Set("resource", "unknown", "https://nowhere.example", Orders + "/"),
        Fault.Set("resource", "no absolute address", "orders", "/orders"),
        Fault.Set("resource", "empty", ""),
        Fault.Set("resource", "an API of which nothing was granted", "https://stock.anthane.test"),
        Fault.Set("resource", "the granted API", Orders),
        new("resource: the same twice", (draft, _) => draft.Fields.AddRange([("resource", Orders), ("resource", Orders)])),
        new("address: all of it", (draft, _) =>
        {
            draft.Address.AddRange(draft.Fields);
            draft.Fields.Clear();
        }),
    ];

    public static readonly Fault[] OfCodes =
    [
        .. Fault.Usual("code", "redirect_uri", "code_verifier"),
        Fault.Set("code", "unknown", "x", new string('a', 43), "{refresh_token}"),
        Fault.Set("code", "of another client", "{other_code}"),
        Fault.Set("code", "spent", "{spent_code}"),
        Fault.Set("code", "an access token", "{access_token}"),
        Fault.Set("redirect_uri", "foreign", "https://evil.example/callback"),
        new("redirect_uri: another spelling", (draft, chance) => draft.Set("redirect_uri", draft.Get("redirect_uri") + chance.OneOf(["/", "?", "#", "%20"]))),
        Fault.Set("code_verifier", "wrong", new string('a', 43), OidcFlow.Verifier + "x", OidcFlow.Verifier.ToUpperInvariant()),
        new("code_verifier: the challenge itself", (draft, _) => draft.Set("code_verifier", OidcFlow.ChallengeOf(OidcFlow.Verifier))),
        Fault.Set("code_verifier", "too short", "a", new string('a', 42)),
        Fault.Set("code_verifier", "too long", new string('a', 129)),
        Fault.Set("code_verifier", "illegal characters", new string('a', 43) + "!", new string('a', 43) + " "),
        Fault.Set("grant_type", "refresh_token instead", "refresh_token"),
        Fault.Set("grant_type", "client_credentials instead", "client_credentials"),
        Fault.Set("scope", "sent with a code", "openid"),
        new("code: of a request without PKCE, and a verifier", (draft, _) => draft.Set("code", "{bare_code}"), party => !party.App.Pkce),
        new("code: of a request without PKCE, and none", (draft, _) =>
        {
            draft.Set("code", "{bare_code}");
            draft.Remove("code_verifier");
        }, party => !party.App.Pkce),
    ];

    public static readonly Fault[] OfRefreshTokens =
    [
        .. Fault.Usual("refresh_token"),
        Fault.Set("refresh_token", "unknown", "x", new string('a', 43), "{code}"),
        Fault.Set("refresh_token", "of another client", "{other_refresh_token}"),
        Fault.Set("refresh_token", "used before", "{used_refresh_token}"),
        Fault.Set("refresh_token", "used long before", "{stale_refresh_token}"),
        Fault.Set("refresh_token", "of a code that was used twice", "{orphaned_refresh_token}"),
        Fault.Set("refresh_token", "an access token", "{access_token}"),
        Fault.Set("scope", "less", "openid"),
        Fault.Set("scope", "all of it", "openid profile email orders.read"),
        Fault.Set("scope", "more", "openid offline_access", "openid orders.write"),
        Fault.Set("scope", "unknown", "openid unknown"),
        Fault.Set("scope", "illegal characters", "openid \"x\""),
        Fault.Set("scope", "empty", ""),
        Fault.Set("grant_type", "authorization_code instead", "authorization_code"),
        Fault.Set("redirect_uri", "sent with a refresh token", "https://app.example/callback"),
    ];

    public static readonly Fault[] OfServices =
    [
        .. Fault.Usual("scope"),
        Fault.Set("scope", "both of the API", "orders.read orders.write"),
        Fault.Set("scope", "about a person", "openid", "profile", "offline_access"),
        Fault.Set("scope", "about a person, and the API's", "orders.read openid"),
        Fault.Set("scope", "unknown", "unknown", "orders.read unknown"),
        Fault.Set("scope", "another API's", "stock.read"),
        Fault.Set("scope", "illegal characters", "orders.read \"x\"", "orders.read\tx"),
        Fault.Set("grant_type", "authorization_code instead", "authorization_code"),
        Fault.Set("grant_type", "refresh_token instead", "refresh_token"),
    ];

    private static bool HasSecret(Party party) => party.App.Secret is not null;

    private static void Prove(Draft draft, string secret, Proof proof) => draft.Prove(draft.Party.App.ClientId, secret, proof);

    private static void Both(Draft draft, string inBody)
    {
        var app = draft.Party.App;
        draft.Prove(app.ClientId, inBody, Proof.Post);
        draft.Authorization = OidcFlow.BasicOf(app.ClientId, app.Secret!).ToString();
    }

    private static void Header(Draft draft, string header)
    {
        draft.Remove("client_secret");
        draft.Authorization = header;
    }
}
