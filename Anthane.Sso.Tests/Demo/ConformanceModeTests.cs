using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Anthane.Demo;
using Anthane.Demo.Conformance;
using Anthane.Sso.Tests.Protocol.ClientDocuments;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Builder;
using LocalAuthority = Anthane.Demo.Conformance.LocalAuthority;

namespace Anthane.Sso.Tests.Demo;

/// <summary>The SSO as an external test suite wants it: <c>--conformance FILE</c>. What is promised to suites, each with real TLS.</summary>
public sealed class ConformanceModeTests
{
    private const string Callback = "https://suite.example/test/a/anthane/callback";

    private const string File1 = """
        {
          "clients": [
            { "client_id": "suite-basic", "client_secret": "short", "client_name": "Basic", "redirect_uris": ["https://suite.example/test/a/anthane/callback"],
              "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "profile": "legacy",
              "logo_uri": "https://suite.example/logo.png", "policy_uri": "https://suite.example/policy", "tos_uri": "https://suite.example/terms", "unknown": { "a": 1 } },
            { "client_id": "suite-service", "client_secret": "s", "grant_types": ["client_credentials"], "introspect_any": true },
            { "client_id": "suite-loopback", "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://localhost:9999/keys", "redirect_uris": ["http://localhost:9999/callback"], "profile": "fapi2-message-signing" }
          ],
          "users": [ { "username": "foo", "password": "x", "claims": { "name": "Foo Bar", "email": "foo@suite.example", "birthdate": "1990-05-04", "address": { "country": "NZ" }, "phone_number_verified": false } } ]
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_issuer_is_the_one_that_suites_are_told() => Assert.Equal("https://localhost:8443", ConformanceHost.PromisedIssuer);

    [Fact]
    public async Task A_person_of_the_file_signs_in_at_a_client_of_the_file_over_tls_of_a_local_authority()
    {
        await using var suite = await Suite.StartAsync(File1);
        using var browser = suite.NewBrowser();
        var login = await browser.FollowAsync(await browser.GetAsync(suite.Authorize("suite-basic", "openid profile email")));
        var page = await TestBrowser.ReadAsync(login);
        Assert.Equal(["https://suite.example/logo.png"], page.QuerySelectorAll("img").Select(image => image.GetAttribute("src")));
        Assert.Equal(["https://suite.example/policy", "https://suite.example/terms"], page.QuerySelectorAll("a").Select(link => link.GetAttribute("href")).Where(href => href!.StartsWith("https://suite", StringComparison.Ordinal)));
        Assert.NotNull(page.QuerySelector("#cancel"));

        var consent = await browser.FollowAsync(await browser.ClickAsync(login, "#login", ("Username", "foo"), ("Password", "x")));
        Assert.NotNull((await TestBrowser.ReadAsync(consent)).QuerySelector("#deny"));
        var answer = AuthorizationAnswer.Of(await browser.FollowAsync(await browser.ClickAsync(consent, "#accept")), Callback)!;
        var tokens = await suite.TokenAsync(browser, "suite-basic", "short", ("grant_type", "authorization_code"), ("code", answer.Code), ("redirect_uri", Callback));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);

        var request = new HttpRequestMessage(HttpMethod.Get, suite.Issuer + "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        var person = (await JsonAnswer.ReadAsync(await browser.SendAsync(request))).Body;
        Assert.Equal(("Foo Bar", "foo@suite.example", "1990-05-04"), (person.GetProperty("name").GetString(), person.GetProperty("email").GetString(), person.GetProperty("birthdate").GetString()));
    }

    [Fact]
    public async Task An_agent_that_is_in_no_file_gets_in_by_a_document_on_loopback()
    {
        await using var suite = await Suite.StartAsync(File1);
        await using var host = new DocumentHost();
        host.Document["redirect_uris"] = new System.Text.Json.Nodes.JsonArray(Callback);
        using var browser = suite.NewBrowser();
        Assert.True((await JsonAnswer.ReadAsync(await browser.GetAsync("/.well-known/oauth-authorization-server"))).Body.GetProperty("client_id_metadata_document_supported").GetBoolean());
        var address = suite.Authorize(Uri.EscapeDataString(host.ClientId), "openid orders.read") + $"&resource={Uri.EscapeDataString(DocumentHost.Orders)}&code_challenge_method=S256&code_challenge={OidcFlow.ChallengeOf(OidcFlow.Verifier)}";
        var login = await browser.FollowAsync(await browser.GetAsync(address));
        var consent = await browser.FollowAsync(await browser.ClickAsync(login, "#login", ("Username", "foo"), ("Password", "x")));
        Assert.NotEmpty(AuthorizationAnswer.Of(await browser.FollowAsync(await browser.ClickAsync(consent, "#accept")), Callback)!.Code);
    }

    [Fact]
    public async Task The_cancel_button_answers_the_app_with_access_denied()
    {
        await using var suite = await Suite.StartAsync(File1);
        using var browser = suite.NewBrowser();
        var login = await browser.FollowAsync(await browser.GetAsync(suite.Authorize("suite-basic", "openid")));
        var answer = AuthorizationAnswer.Of(await browser.FollowAsync(await browser.ClickAsync(login, "#cancel")), Callback)!;
        Assert.Equal("access_denied", answer.Error);
    }

    [Fact]
    public async Task Error_pages_show_the_code_and_the_one_for_a_wrong_redirect_uri_names_the_parameter()
    {
        await using var suite = await Suite.StartAsync(File1);
        using var browser = suite.NewBrowser();
        var page = await browser.PageAsync(suite.Authorize("suite-basic", "openid", Callback + "x"));
        Assert.Contains("invalid_request", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("redirect_uri", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_signing_out_the_page_says_signed_out()
    {
        await using var suite = await Suite.StartAsync(File1);
        using var browser = suite.NewBrowser();
        var login = await browser.FollowAsync(await browser.GetAsync("/account/login"));
        await browser.FollowAsync(await browser.ClickAsync(login, "#login", ("Username", "foo"), ("Password", "x")));
        var ask = await browser.FollowAsync(await browser.GetAsync("/connect/endsession"));
        var done = await TestBrowser.ReadAsync(await browser.FollowAsync(await browser.ClickAsync(ask, "#logout")));
        Assert.Contains("signed out", done.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_person_signs_in_again_and_again_and_no_limit_stops_them()
    {
        await using var suite = await Suite.StartAsync(File1);
        for (var i = 0; i < Rounds.Of(200); i++)
        {
            using var browser = suite.NewBrowser();
            var login = await browser.FollowAsync(await browser.GetAsync(suite.Authorize("suite-basic", "openid")));
            var next = await browser.ClickAsync(login, "#login", ("Username", "foo"), ("Password", "x"));
            Assert.Equal(HttpStatusCode.SeeOther, next.StatusCode);
        }
    }

    [Fact]
    public async Task A_service_with_introspect_any_sees_the_tokens_of_others_and_loopback_redirects_are_taken()
    {
        await using var suite = await Suite.StartAsync(File1);
        using var browser = suite.NewBrowser();
        var own = await suite.TokenAsync(browser, "orders-worker", "orders-worker-development-secret-0001", ("grant_type", "client_credentials"));
        var seen = await suite.PostAsync(browser, "/connect/introspect", "suite-service", "s", ("token", own.AccessToken));
        Assert.True(seen.Body.GetProperty("active").GetBoolean());
        Assert.Equal("orders.read orders.write", (await suite.TokenAsync(browser, "suite-service", "s", ("grant_type", "client_credentials"))).Body.GetProperty("scope").GetString());

        // fapi2-message-signing is not there yet: the nearest profile asks for pushed requests.
        var direct = AuthorizationAnswer.Of(await browser.GetAsync(suite.Authorize("suite-loopback", "openid", "http://localhost:9999/callback")), "http://localhost:9999/callback")!;
        Assert.Equal("invalid_request", direct.Error);
    }

    [Fact]
    public async Task What_the_file_says_now_wins_over_what_was_stored_and_the_rest_stays()
    {
        using var directory = new TempDirectory();
        await using (await Suite.StartAsync(File1, directory.Path))
        {
        }

        await using var suite = await Suite.StartAsync("""{ "clients": [ { "client_id": "suite-service", "client_secret": "another", "grant_types": ["client_credentials"] } ], "users": [ { "username": "foo", "password": "y" } ] }""", directory.Path);
        using var browser = suite.NewBrowser();
        Assert.Equal("invalid_client", (await suite.TokenAsync(browser, "suite-service", "s", ("grant_type", "client_credentials"))).Error);
        Assert.Equal(HttpStatusCode.OK, (await suite.TokenAsync(browser, "suite-service", "another", ("grant_type", "client_credentials"))).Status);
        var login = await browser.FollowAsync(await browser.GetAsync(suite.Authorize("suite-basic", "openid")));
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.ClickAsync(login, "#login", ("Username", "foo"), ("Password", "x"))).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.ClickAsync(login, "#login", ("Username", "foo"), ("Password", "y"))).StatusCode);
    }

    [Theory]
    [InlineData("no json", "cannot be read")]
    [InlineData("[]", "must be an object")]
    [InlineData("""{ "clients": [ { "client_id": "a", "redirect_uris": ["http://far.example/cb"] }, { "client_id": "b", "redirect_uris": "x", "response_types": ["token"] } ], "users": [ { "username": "u" } ] }""", "client 'a': RedirectUris:|client 'b': redirect_uris: It must be a list|client 'b': response_types: Only code|A user needs a username and a password")]
    public async Task A_file_that_cannot_be_used_is_refused_with_every_reason(string file, string reasons)
    {
        var refusal = await Assert.ThrowsAsync<Sso.Hosting.SsoConfigurationException>(() => Suite.StartAsync(file));
        Assert.All(reasons.Split('|'), reason => Assert.Contains(reason, refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_of_the_running_server_are_rolled_by_the_second_command()
    {
        using var directory = new TempDirectory();
        await using var suite = await Suite.StartAsync(File1, directory.Path);
        using var browser = suite.NewBrowser();
        var before = await suite.KidAsync(browser);
        var known = await suite.KidsAsync(browser);

        Assert.Equal(0, await ConformanceProgram.RotateAsync(DemoArguments.Parse(["--conformance-rotate", "--data", directory.Path]), suite.Issuer));
        await Until.TrueAsync(async () => await suite.KidAsync(browser) != before, "A token by the new key");
        var now = await suite.KidsAsync(browser);
        Assert.Contains(before, now);
        Assert.Contains(await suite.KidAsync(browser), now);

        // One more of each algorithm in use: RS256, and PS256 for the client of the profile fapi2.
        Assert.Equal(2, now.Except(known).Count());
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true)]
    [InlineData(SslProtocols.Tls13, TlsCipherSuite.TLS_AES_128_GCM_SHA256, true)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, false)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false)]
    public async Task Tls_offers_what_fapi_allows_and_nothing_else(SslProtocols protocol, TlsCipherSuite suiteName, bool offered)
    {
        await using var suite = await Suite.StartAsync("""{ "clients": [], "users": [] }""");
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(suite.Issuer).Port, Cancel);
        await using var tls = new SslStream(socket.GetStream());
        var options = suite.Tls();
        options.TargetHost = "localhost";
        options.EnabledSslProtocols = protocol;
        options.CipherSuitesPolicy = new CipherSuitesPolicy([suiteName]);
        if (offered)
        {
            await tls.AuthenticateAsClientAsync(options, Cancel);
            Assert.Equal(suiteName, tls.NegotiatedCipherSuite);
        }
        else
        {
            await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(options, Cancel));
        }
    }

    [Fact]
    public void An_authority_that_exists_signs_the_certificate_and_a_good_certificate_is_kept()
    {
        using var own = new TempDirectory();
        using var other = new TempDirectory();
        var first = LocalAuthority.Prepare(own.Path, null, null, TimeProvider.System);
        var certificate = File.ReadAllText(first.ServerCertificateFile);
        Assert.Equal(certificate, File.ReadAllText(LocalAuthority.Prepare(own.Path, null, null, TimeProvider.System).ServerCertificateFile));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(first.ServerKeyFile));
        }

        var second = LocalAuthority.Prepare(other.Path, first.CertificateFile, Path.Combine(own.Path, "ca.key"), TimeProvider.System);
        using var server = X509CertificateLoader.LoadCertificateFromFile(second.ServerCertificateFile);
        using var ca = X509CertificateLoader.LoadCertificateFromFile(first.CertificateFile);
        Assert.Equal(ca.Subject, server.Issuer);
        Assert.False(File.Exists(Path.Combine(other.Path, "ca.crt")));

        var later = LocalAuthority.Prepare(own.Path, null, null, new FakeClock(TimeProvider.System.GetUtcNow().AddDays(380)));
        Assert.NotEqual(certificate, File.ReadAllText(later.ServerCertificateFile));
    }

    /// <summary>The server of the mode, on a port of its own.</summary>
    private sealed class Suite : IAsyncDisposable
    {
        private readonly WebApplication app;
        private readonly TempDirectory? temporary;
        private readonly LocalAuthority authority;

        private Suite(WebApplication app, string issuer, LocalAuthority authority, TempDirectory? temporary) =>
            (this.app, Issuer, this.authority, this.temporary) = (app, issuer, authority, temporary);

        public string Issuer { get; }

        public static async Task<Suite> StartAsync(string file, string? directory = null)
        {
            var temporary = directory is null ? new TempDirectory() : null;
            directory ??= temporary!.Path;
            var path = Path.Combine(directory, "suite.json");
            await File.WriteAllTextAsync(path, file, Cancel);
            var issuer = $"https://localhost:{FreePorts.Take(1)[0]}";
            var authority = LocalAuthority.Prepare(directory, null, null, TimeProvider.System);
            var app = ConformanceHost.Build(issuer, directory, path, authority);
            await app.StartAsync(Cancel);
            return new Suite(app, issuer, authority, temporary);
        }

        public SslClientAuthenticationOptions Tls()
        {
            var trusted = X509CertificateLoader.LoadCertificateFromFile(authority.CertificateFile);
            return new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck },
            };
        }

        public TestBrowser NewBrowser() => new(new Uri(Issuer), Tls());

        public string Authorize(string clientId, string scope, string redirectUri = Callback) =>
            $"{Issuer}/connect/authorize?client_id={clientId}&redirect_uri={Uri.EscapeDataString(redirectUri)}&response_type=code&state=s&nonce=n&scope={Uri.EscapeDataString(scope)}";

        public Task<JsonAnswer> TokenAsync(TestBrowser browser, string clientId, string secret, params (string, string)[] form) => PostAsync(browser, "/connect/token", clientId, secret, form);

        public async Task<JsonAnswer> PostAsync(TestBrowser browser, string path, string clientId, string secret, params (string Name, string Value)[] form)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, Issuer + path) { Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
            request.Headers.Authorization = OidcFlow.BasicOf(clientId, secret);
            return await JsonAnswer.ReadAsync(await browser.SendAsync(request));
        }

        public async Task<List<string>> KidsAsync(TestBrowser browser) =>
            [.. (await JsonAnswer.ReadAsync(await browser.GetAsync("/.well-known/jwks.json"))).Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];

        /// <summary>The key that signs now.</summary>
        public async Task<string> KidAsync(TestBrowser browser)
        {
            var token = (await TokenAsync(browser, "suite-service", "s", ("grant_type", "client_credentials"))).AccessToken;
            using var header = JsonDocument.Parse(Microsoft.IdentityModel.Tokens.Base64UrlEncoder.DecodeBytes(token.Split('.')[0]));
            return header.RootElement.GetProperty("kid").GetString()!;
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync(Cancel);
            await app.DisposeAsync();
            temporary?.Dispose();
        }
    }
}
