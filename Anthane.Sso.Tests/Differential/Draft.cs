using System.Net.Http.Headers;
using System.Text;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>What kind of request it is.</summary>
internal enum Way
{
    /// <summary>At the authorization endpoint.</summary>
    Authorize,

    /// <summary>At the PAR endpoint.</summary>
    Push,

    /// <summary>At the authorization endpoint, of a request that was pushed.</summary>
    Pushed,

    /// <summary>A code at the token endpoint.</summary>
    Code,

    /// <summary>A refresh token.</summary>
    Refresh,

    /// <summary>A client for itself.</summary>
    Itself,
}

/// <summary>How a party proves who it is.</summary>
internal enum Proof
{
    None,
    Basic,
    Post,
}

/// <summary>A client that both servers know under the same id and secret.</summary>
/// <param name="App">Its registration.</param>
/// <param name="Proof">How it authenticates, and the only way that it may.</param>
internal sealed record Party(OidcApp App, Proof Proof);

/// <summary>
/// A request to either server, good until faults are put into it. Values in braces stand for what only one of the servers can
/// give, such as a fresh <c>{code}</c>; <see cref="Contender"/> fills them in.
/// </summary>
internal sealed class Draft
{
    public Draft(Way way, Party party)
    {
        (Way, Party) = (way, party);
        Method = way is Way.Authorize or Way.Pushed ? HttpMethod.Get : HttpMethod.Post;
        Fields = [.. FieldsOf(way, party.App)];
        if (way is not (Way.Authorize or Way.Pushed))
        {
            Prove(party);
        }
    }

    public Way Way { get; }

    public Party Party { get; }

    public HttpMethod Method { get; set; }

    /// <summary>In the address of a GET, in the body of a POST.</summary>
    public List<(string Name, string Value)> Fields { get; }

    /// <summary>In the address of a POST.</summary>
    public List<(string Name, string Value)> Address { get; } = [];

    public string? Authorization { get; set; }

    public string ContentType { get; set; } = "application/x-www-form-urlencoded";

    /// <summary>Whether the browser has a session.</summary>
    public bool SignedIn { get; set; } = true;

    public string Get(string name) => Fields.Find(field => field.Name == name).Value ?? "";

    public void Remove(string name) => Fields.RemoveAll(field => field.Name == name);

    public void Add(string name, string value) => Fields.Add((name, value));

    public void Set(string name, string value)
    {
        Remove(name);
        Add(name, value);
    }

    /// <summary>Takes away whatever proves who the client is, and proves it as this one.</summary>
    public void Prove(Party party) => Prove(party.App.ClientId, party.App.Secret, party.Proof);

    /// <summary>The same with these values and by this method.</summary>
    public void Prove(string clientId, string? secret, Proof proof)
    {
        Authorization = null;
        Remove("client_id");
        Remove("client_secret");
        if (proof is Proof.Basic)
        {
            Authorization = OidcFlow.BasicOf(clientId, secret!).ToString();
        }

        // It is part of an authorization request, whoever brings it.
        if (proof is not Proof.Basic || Way is Way.Push)
        {
            Add("client_id", clientId);
        }

        if (proof is Proof.Post)
        {
            Add("client_secret", secret!);
        }
    }

    public static string Basic(string text) => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(text))).ToString();

    private static IEnumerable<(string Name, string Value)> FieldsOf(Way way, OidcApp app) => way switch
    {
        Way.Authorize or Way.Push =>
        [
            ("client_id", app.ClientId), ("redirect_uri", app.RedirectUri), ("response_type", "code"), ("scope", app.Scope), ("state", "a-state"), ("nonce", "a-nonce"),
            ("code_challenge", OidcFlow.ChallengeOf(OidcFlow.Verifier)), ("code_challenge_method", "S256"),
        ],
        Way.Pushed => [("client_id", app.ClientId), ("request_uri", "{request_uri}")],
        Way.Code => [("grant_type", "authorization_code"), ("code", "{code}"), ("redirect_uri", app.RedirectUri), ("code_verifier", OidcFlow.Verifier)],
        Way.Refresh => [("grant_type", "refresh_token"), ("refresh_token", "{refresh_token}")],
        _ => [("grant_type", "client_credentials"), ("scope", "orders.read")],
    };
}
