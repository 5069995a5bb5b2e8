using System.Text.Json;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Requests with accidents in them at every other endpoint: never an error of the server, and none is accepted that a strict reader refuses.</summary>
public sealed class EndpointMutationTests(MutationServer setup) : IClassFixture<MutationServer>
{
    private const string Challenge = "code_challenge";
    private readonly SsoServer server = setup.Server;

    /// <summary>What an authorization request may say, wherever it is sent.</summary>
    private static readonly Dictionary<string, Func<string, bool>> OfAuthorize = new()
    {
        ["scope"] = value => Words(value).All(scope => scope is "openid" or "profile" or "offline_access" or "orders.read"),
        ["resource"] = value => value is "https://orders.anthane.test",
        ["prompt"] = value => Words(value).All(prompt => prompt is "none" or "login" or "consent" or "select_account" or "create") && (Words(value).Length < 2 || !Words(value).Contains("none")),
        ["max_age"] = value => value.Length < 11 && value.All(char.IsAsciiDigit),
        ["response_mode"] = value => value is "query" or "form_post",
        [Challenge] = value => value.Length == 43 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
        ["claims"] = IsClaims,
        ["request"] = _ => false,
        ["request_uri"] = _ => false,
        ["id_token_hint"] = _ => false,
    };

    private static readonly string[] ExactInAuthorize = ["client_id", "redirect_uri", "response_type", "code_challenge_method", "client_assertion", "client_assertion_type", "client_secret"];

    /// <summary>Where both are offered, the other one is no accident but another good request.</summary>
    private static readonly string[] ButGetAndPost = [.. HostileTexts.Methods.Where(method => method is not ("GET" or "POST"))];

    [Fact]
    public Task Authorization_requests_by_GET() => MutationRun.RunAsync(server, "authorize get", () => AuthorizeAsync(parameters => WireRequest.Get("/connect/authorize", parameters), ParameterPlace.Address));

    [Fact]
    public Task Authorization_requests_by_POST() => MutationRun.RunAsync(server, "authorize post", () => AuthorizeAsync(parameters => WireRequest.Post("/connect/authorize", parameters), ParameterPlace.Both));

    [Fact]
    public Task Pushed_requests() => MutationRun.RunAsync(server, "par", () =>
    {
        var flow = new OidcFlow(server, setup.Signing.App);
        return Task.FromResult(new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(WireRequest.Post("/connect/par", [.. AuthorizeParameters(flow), ("client_assertion_type", SigningClient.AssertionType), ("client_assertion", setup.Signing.Assertion())])),
            Place = ParameterPlace.Form,
            Required = ["client_assertion", "client_assertion_type", "redirect_uri", "response_type", Challenge, "code_challenge_method"],
            Exact = ExactInAuthorize,
            Rules = OfAuthorize,
            ReadsProofs = true,
            Accepted = answer => answer.Status == 201,
        });
    });

    [Fact]
    public Task Device_authorization_requests() => MutationRun.RunAsync(server, "device", () => Task.FromResult(new MutatedEndpoint
    {
        GoodAsync = () => Task.FromResult(WireRequest.Post("/connect/device", ("client_id", setup.Television.ClientId), ("scope", "openid orders.read"), ("resource", "https://orders.anthane.test"))),
        Place = ParameterPlace.Form,
        Required = ["client_id"],
        Exact = ["client_id", "client_secret", "client_assertion", "client_assertion_type"],
        Rules = OfAuthorize.Where(rule => rule.Key is "scope" or "resource").ToDictionary(),
        Accepted = answer => answer.Status == 200,
    }));

    [Fact]
    public Task Introspections() => MutationRun.RunAsync(server, "introspect", async () =>
    {
        var token = (await (await server.SignedInAsync(setup.Web)).TokensAsync(("scope", "openid orders.read"))).AccessToken;
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(MutationServer.Post(setup.Web, "/connect/introspect", ("token", token), ("token_type_hint", "access_token"))),
            Place = ParameterPlace.FormWhateverTheAddress,
            Required = ["token"],
            Exact = ["token", "client_id", "client_secret", "client_assertion", "client_assertion_type"],

            // To be told of a token that is none that it is not active is a refusal too.
            Accepted = answer => answer.Status == 200 && !answer.Body.Equals("{\"active\":false}", StringComparison.Ordinal),
        };
    });

    [Fact]
    public async Task Revocations()
    {
        var flow = await server.SignedInAsync(setup.Web);
        var other = (await flow.TokensAsync(("scope", "openid orders.read"))).AccessToken;
        await MutationRun.RunAsync(server, "revoke", async () =>
        {
            var token = (await flow.TokensAsync(("scope", "openid orders.read"))).AccessToken;
            return new MutatedEndpoint
            {
                GoodAsync = () => Task.FromResult(MutationServer.Post(setup.Web, "/connect/revoke", ("token", token), ("token_type_hint", "access_token"))),
                Place = ParameterPlace.FormWhateverTheAddress,
                Required = ["token"],

                // Any text may be a token that nobody knows, which is as good as revoked.
                Exact = ["client_id", "client_secret", "client_assertion", "client_assertion_type"],
                Accepted = answer => answer.Status == 200,
            };
        });
        Assert.Equal(System.Net.HttpStatusCode.OK, (await flow.UserInfoAsync(other)).Status);
    }

    [Fact]
    public Task Userinfo_with_the_token_in_the_header() => MutationRun.RunAsync(server, "userinfo header", async () =>
    {
        var token = (await (await server.SignedInAsync(setup.Web)).TokensAsync()).AccessToken;
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(WireRequest.Get("/connect/userinfo").With("Authorization", "Bearer " + token)),
            Place = ParameterPlace.Nowhere,
            OtherMethods = ["POST"],
            Accepted = answer => answer.Status == 200,
            Judge = TokenInAddress,
        };
    });

    [Fact]
    public Task Userinfo_with_the_token_in_the_form() => MutationRun.RunAsync(server, "userinfo form", async () =>
    {
        var token = (await (await server.SignedInAsync(setup.Web)).TokensAsync()).AccessToken;
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(WireRequest.Post("/connect/userinfo", ("access_token", token))),
            Place = ParameterPlace.FormWhateverTheAddress,
            Required = ["access_token"],
            Exact = ["access_token"],
            Accepted = answer => answer.Status == 200,
            Judge = TokenInAddress,
        };
    });

    [Fact]
    public Task Sign_outs() => MutationRun.RunAsync(server, "endsession", async () =>
    {
        var flow = await server.SignedInAsync(setup.Web);
        var hint = (await flow.TokensAsync()).IdToken;
        return new MutatedEndpoint
        {
            // Nobody is signed in at this browser, so that what is asked is done at once.
            GoodAsync = () => Task.FromResult(WireRequest.Get("/connect/endsession", ("id_token_hint", hint), ("client_id", setup.Web.ClientId), ("post_logout_redirect_uri", "https://app.example/signed-out"), ("state", "a state"))),
            Place = ParameterPlace.Address,
            Required = ["id_token_hint", "post_logout_redirect_uri"],
            Exact = ["id_token_hint", "client_id", "post_logout_redirect_uri"],
            IsForPrograms = false,
            ReturnAddresses = ["https://app.example/signed-out"],
            Accepted = answer => answer["Location"]?.StartsWith("https://app.example/", StringComparison.Ordinal) is true,
        };
    });

    [Fact]
    public Task The_revocation_feed() => MutationRun.RunAsync(server, "feed", () => Task.FromResult(new MutatedEndpoint
    {
        GoodAsync = () => Task.FromResult(WireRequest.Get("/connect/revocations", ("after", "0"), ("limit", "10")).With("Authorization", OidcFlow.BasicOf(setup.Gateway.ClientId, setup.Gateway.Secret!).ToString())),
        Place = ParameterPlace.Address,
        TriedMethods = ButGetAndPost,
        Rules = new Dictionary<string, Func<string, bool>>
        {
            ["after"] = value => value.All(char.IsAsciiDigit),
            ["limit"] = value => value.All(char.IsAsciiDigit) && value.TrimStart('0').Length is > 0 and < 5,
            ["client_secret"] = _ => false,
            ["client_assertion"] = _ => false,
            ["access_token"] = _ => false,
        },
        Accepted = answer => answer.Status == 200,
    }));

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/jwks.json")]
    public async Task Documents(string path)
    {
        var asItIs = await (await server.GetAsync(path)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await MutationRun.RunAsync(server, path, () => Task.FromResult(new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(WireRequest.Get(path)),
            Place = ParameterPlace.Address,
            IsPublic = true,
            IsAskedByAnybody = true,
            Accepted = answer => answer.Status == 200,
            Judge = (_, answer) => answer.Body == asItIs ? null : "another document",
        }));
    }

    private async Task<MutatedEndpoint> AuthorizeAsync(Func<(string, string)[], WireRequest> requestOf, ParameterPlace place)
    {
        var flow = await server.SignedInAsync(setup.Web);
        var cookie = string.Join("; ", flow.Browser.Cookies.Select(pair => $"{pair.Key}={pair.Value}"));
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(requestOf(AuthorizeParameters(flow)).With("Cookie", cookie)),
            Place = place,
            TriedMethods = ButGetAndPost,
            Required = ["client_id", "redirect_uri", "response_type", Challenge, "code_challenge_method"],
            Exact = ExactInAuthorize[..4],
            Rules = OfAuthorize,
            IsForPrograms = false,
            ReturnAddresses = [setup.Web.RedirectUri],
            Accepted = answer => answer.Status == 303 && answer["Location"]!.Contains("error=", StringComparison.Ordinal) is false,
        };
    }

    private static (string, string)[] AuthorizeParameters(OidcFlow flow) => flow.Parameters(
        ("max_age", "10000"), ("claims", """{"id_token":{"name":null}}"""), ("response_mode", "query"), ("resource", "https://orders.anthane.test"), ("scope", "openid orders.read"), ("ui_locales", "en de"));

    private static string? TokenInAddress(WireRequest sent, RawMessage answer) => sent.Query.Any(field => field.ReadName == "access_token") ? "a token in the address" : null;

    private static string[] Words(string value) => value.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsClaims(string value)
    {
        try
        {
            using var json = JsonDocument.Parse(value, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
