using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using AngleSharp.Html.Dom;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Support;

/// <summary>
/// One app and one person at one browser, speaking the protocol over HTTP: authorize, walk the real pages, take the code,
/// get tokens, use them. Parameters of a good request are there; a test names what differs, and null takes one away.
/// </summary>
public sealed class OidcFlow(SsoServer server, OidcApp app, TestBrowser? browser = null)
{
    public const string Verifier = "a-verifier-of-43-characters-or-more-is-this.one";
    private static readonly HttpClient BackChannel = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private int sent;

    public SsoServer Server { get; } = server;

    public OidcApp App { get; } = app;

    /// <summary>Hand the same browser to two flows, and they share the session.</summary>
    public TestBrowser Browser { get; } = browser ?? server.NewBrowser();

    /// <summary>Who signs in when the sign-in page comes.</summary>
    public Person Person { get; set; } = Person.Alice;

    /// <summary>False: the person refuses on the consent page.</summary>
    public bool Allows { get; set; } = true;

    /// <summary>Whether the person ticks the box that keeps them signed in.</summary>
    public bool Remember { get; set; }

    /// <summary>The pages that were shown so far, by path; a test may clear it.</summary>
    public List<string> Seen { get; } = [];

    /// <summary>The state of the last request.</summary>
    public string State { get; private set; } = "";

    /// <summary>The nonce of the last request.</summary>
    public string Nonce { get; private set; } = "";

    public static string ChallengeOf(string verifier) => Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>The parameters of a good request with the changes.</summary>
    public (string Name, string Value)[] Parameters(params (string Name, string? Value)[] changes)
    {
        var number = ++sent;
        var values = new List<(string Name, string? Value)>
        {
            ("client_id", App.ClientId),
            ("redirect_uri", App.RedirectUri),
            ("response_type", "code"),
            ("scope", App.Scope),
            ("state", $"state-{number}"),
            ("nonce", $"nonce-{number}"),
            ("response_mode", App.ResponseMode),
        };
        if (App.Pkce)
        {
            values.Add(("code_challenge", ChallengeOf(Verifier)));
            values.Add(("code_challenge_method", "S256"));
        }

        values.RemoveAll(value => changes.Any(change => change.Name == value.Name));
        values.AddRange(changes);
        State = values.LastOrDefault(value => value.Name == "state").Value ?? "";
        Nonce = values.LastOrDefault(value => value.Name == "nonce").Value ?? "";
        return values.Where(value => value.Value is not null).Select(value => (value.Name, value.Value!)).ToArray();
    }

    public string AuthorizeUrl(params (string Name, string? Value)[] changes) => "/connect/authorize?" + Encode(Parameters(changes));

    /// <summary>Sends the request; the answer is not followed.</summary>
    public Task<HttpResponseMessage> AuthorizeAsync(params (string Name, string? Value)[] changes) => Browser.GetAsync(AuthorizeUrl(changes));

    /// <summary>Sends the request and does on every page what the person would, until the browser would leave the server or stays on a page.</summary>
    public async Task<HttpResponseMessage> WalkAsync(params (string Name, string? Value)[] changes) => await WalkAsync(await AuthorizeAsync(changes));

    /// <summary>Goes on from an answer: follows redirects, signs in, allows or refuses.</summary>
    public async Task<HttpResponseMessage> WalkAsync(HttpResponseMessage response)
    {
        for (var steps = 0; steps < 10; steps++)
        {
            response = await Browser.FollowAsync(response);
            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "text/html")
            {
                return response;
            }

            var page = await TestBrowser.ReadAsync(response);
            var url = response.RequestMessage!.RequestUri!;
            if (page.QuerySelector("#login") is not null)
            {
                Seen.Add(url.AbsolutePath);
                response = await SignInAsync(response);
            }
            else if (page.QuerySelector("#accept") is not null)
            {
                Seen.Add(url.AbsolutePath);
                response = await Browser.ClickAsync(response, Allows ? "#accept" : "#deny");
            }
            else
            {
                return response;
            }
        }

        throw new InvalidOperationException($"The pages go in circles: {string.Join(", ", Seen)}");
    }

    /// <summary>Fills in and sends the sign-in page.</summary>
    public async Task<HttpResponseMessage> SignInAsync(HttpResponseMessage page)
    {
        List<(string, string)> fields = [("Username", Person.UserName), ("Password", Person.Password)];
        if (Remember)
        {
            fields.Add(("Remember", "true"));
        }

        var answer = await Browser.ClickAsync(page, "#login", [.. fields]);
        Assert.True(answer.StatusCode == HttpStatusCode.SeeOther, $"Signing in {Person.UserName} was answered with {answer.StatusCode}.");
        return answer;
    }

    /// <summary>Walks, and reads what arrives at the redirect URI.</summary>
    public async Task<AuthorizationAnswer> AnswerAsync(params (string Name, string? Value)[] changes) => await ReadAsync(await WalkAsync(changes));

    /// <summary>What arrives at the redirect URI with this answer, by redirect or by a form.</summary>
    public async Task<AuthorizationAnswer> ReadAsync(HttpResponseMessage response)
    {
        if (App.ResponseMode != "form_post" && AuthorizationAnswer.Of(response, App.RedirectUri) is { } redirected)
        {
            return redirected;
        }

        var page = await TestBrowser.ReadAsync(response);
        if (page.QuerySelector("form[method=post]") is IHtmlFormElement form && form.GetAttribute("action") == App.RedirectUri)
        {
            return new AuthorizationAnswer(form.QuerySelectorAll("input").OfType<IHtmlInputElement>().ToDictionary(input => input.Name!, input => input.Value), response);
        }

        throw new InvalidOperationException($"Nothing arrived at {App.RedirectUri} but {response.StatusCode} {response.Headers.Location} {page.Body?.TextContent}");
    }

    /// <summary>The whole way: authorize, pages, code, tokens.</summary>
    public async Task<JsonAnswer> TokensAsync(params (string Name, string? Value)[] changes)
    {
        var tokens = await RedeemAsync((await AnswerAsync(changes)).Code);
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        return tokens;
    }

    /// <summary>Redeems a code as this app.</summary>
    public Task<JsonAnswer> RedeemAsync(string code, params (string Name, string? Value)[] changes) => TokenAsync(
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", App.RedirectUri), ("code_verifier", App.Pkce ? Verifier : null)],
        changes);

    /// <summary>Refreshes as this app.</summary>
    public Task<JsonAnswer> RefreshAsync(string refreshToken, params (string Name, string? Value)[] changes) =>
        TokenAsync([("grant_type", "refresh_token"), ("refresh_token", refreshToken)], changes);

    /// <summary>Any request to the token endpoint, with the app's own authentication.</summary>
    public Task<JsonAnswer> TokenAsync(IEnumerable<(string Name, string? Value)> parameters, params (string Name, string? Value)[] changes) =>
        PostAsync("/connect/token", parameters, changes);

    /// <summary>Userinfo by GET with the token in the header.</summary>
    public async Task<JsonAnswer> UserInfoAsync(string accessToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Address, "/connect/userinfo"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return await JsonAnswer.ReadAsync(await Browser.SendAsync(request));
    }

    /// <summary>Whether the browser has a session, asked as an app would.</summary>
    public async Task<bool> IsSignedInAsync() => (await AnswerAsync(("prompt", "none"))).Error is null;

    /// <summary>Sends the browser to the end-session endpoint.</summary>
    public Task<HttpResponseMessage> EndSessionAsync(params (string Name, string Value)[] parameters) => Browser.GetAsync("/connect/endsession?" + Encode(parameters));

    /// <summary>Posts to an endpoint with the app's own authentication.</summary>
    public async Task<JsonAnswer> PostAsync(string path, IEnumerable<(string Name, string? Value)> parameters, params (string Name, string? Value)[] changes)
    {
        var form = parameters.Where(parameter => changes.All(change => change.Name != parameter.Name)).Concat(changes).Where(parameter => parameter.Value is not null).ToList();
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server.Address, path));
        if (App.Signer is { } signer)
        {
            form.AddRange([("client_assertion_type", SigningClient.AssertionType), ("client_assertion", signer.Assertion())]);
        }
        else if (App.Secret is null || App.PostSecret)
        {
            form.Add(("client_id", App.ClientId));
        }

        if (App.Secret is not null && App.PostSecret)
        {
            form.Add(("client_secret", App.Secret));
        }
        else if (App.Secret is not null)
        {
            request.Headers.Authorization = BasicOf(App.ClientId, App.Secret);
        }

        request.Content = new FormUrlEncodedContent(form.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value!)));
        return await JsonAnswer.ReadAsync(await BackChannel.SendAsync(request, TestContext.Current.CancellationToken));
    }

    /// <summary>RFC 6749 section 2.3.1.</summary>
    public static AuthenticationHeaderValue BasicOf(string clientId, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(clientId)}:{WebUtility.UrlEncode(secret)}")));

    private static string Encode(IEnumerable<(string Name, string Value)> parameters) =>
        string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));
}
