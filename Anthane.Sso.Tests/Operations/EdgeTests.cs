using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Anthane.Sso.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Operations;

public sealed class EdgeTests
{
    [Fact]
    public async Task Every_answer_forbids_framing_sniffing_and_foreign_scripts()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        foreach (var path in new[] { "/account/login", "/nothing-here", "/connect/authorize", "/connect/token", "/.well-known/openid-configuration", "/health/live" })
        {
            var answer = await browser.GetAsync(path);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-", policy, StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Only_pages_pass_the_step_of_authentication()
    {
        var asked = new AskedSchemes(Options.Create(new AuthenticationOptions()));
        await using var server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Configure = builder => builder.Services.AddSingleton<IAuthenticationSchemeProvider>(services =>
                asked = new AskedSchemes(services.GetRequiredService<IOptions<AuthenticationOptions>>())),
        });
        var flow = await server.SignedInAsync(OidcApp.Notes);
        var before = asked.Times;
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        await flow.Browser.GetAsync("/.well-known/openid-configuration");
        await flow.Browser.GetAsync("/connect/userinfo");
        Assert.Equal(before, asked.Times);
        await flow.Browser.GetAsync("/");
        Assert.Equal(before + 1, asked.Times);
    }

    [Fact]
    public async Task A_form_may_end_at_a_client_only_where_a_sign_in_or_consent_does()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        Assert.DoesNotContain("form-action", Policy(await browser.GetAsync("/account/login")), StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", Policy(await browser.GetAsync("/admin/people")), StringComparison.Ordinal);
        Assert.Contains("no-store", (await browser.GetAsync("/account/login")).Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Style_and_script_are_served_from_the_assembly_and_kept_when_named_by_their_hash()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var page = await browser.PageAsync("/account/login");
        var style = page.QuerySelector("link[rel=stylesheet]")!.GetAttribute("href")!;
        Assert.Contains("?v=", style, StringComparison.Ordinal);
        var answer = await browser.GetAsync(style);
        Assert.Equal("text/css", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(TimeSpan.FromDays(365), answer.Headers.CacheControl!.MaxAge);
    }

    [Fact]
    public async Task Admin_pages_send_strangers_to_sign_in_and_refuse_everybody_else()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var stranger = await browser.GetAsync("/admin/people?search=a");
        Assert.Equal("/account/login?returnUrl=%2Fadmin%2Fpeople%3Fsearch%3Da", stranger.Headers.Location!.ToString());
        await browser.SubmitAsync("/account/login", "form:has(#login)", ("Username", Person.Alice.UserName), ("Password", Person.Alice.Password));
        foreach (var path in new[] { "/admin/clients", "/admin/apis", "/admin/people" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync(path)).StatusCode);
        }

        using var admin = server.NewBrowser();
        await admin.SubmitAsync("/account/login", "form:has(#login)", ("Username", Person.Admin.UserName), ("Password", Person.Admin.Password));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/admin/people")).StatusCode);
    }

    [Fact]
    public async Task A_page_that_is_not_there_says_so_with_a_support_id()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var answer = await browser.GetAsync("/nothing-here");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: localhost\r\n\r\n", 9_000, "HTTP/1.1 414")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX: {0}\r\n\r\n", 40_000, "HTTP/1.1 431")]
    [InlineData("GET /health/live HTTP/1.1\nHost: localhost\n\n", 0, "HTTP/1.1 400")]
    public async Task Requests_beyond_the_limits_are_refused_before_anything_reads_them(string request, int filling, string expected)
    {
        await using var server = await SsoServer.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync("localhost", server.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request.Replace("{0}", new string('a', filling), StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        var buffer = new byte[12];
        await stream.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer));
    }

    [Fact]
    public async Task One_address_posts_so_many_forms_in_a_minute_and_reads_and_asks_for_tokens_all_the_same()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Settings = new Dictionary<string, string?> { ["Sso:Limits:PostsPerMinute"] = "10", ["Sso:Limits:ExemptLoopback"] = "false" },
        });
        using var browser = server.NewBrowser();
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 12; i++)
        {
            answers.Add(await browser.PostAsync(i % 2 == 0 ? "/account/login" : "/account/forgot"));
        }

        Assert.All(answers[..10], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.All(answers[10..], answer => Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(60), answers[^1].Headers.RetryAfter!.Delta);
        Assert.NotEmpty((await TestBrowser.ReadAsync(answers[^1])).QuerySelector("h1")!.TextContent);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account/login")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        using var neighbour = BackChannel.From(IPAddress.Parse("127.0.0.2"));
        Assert.Equal(HttpStatusCode.BadRequest, (await neighbour.PostAsync(new Uri(server.Address, "/account/login"), null, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task OP_01_Not_even_at_the_finest_level_does_a_secret_reach_the_log()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { LogLevel = LogLevel.Trace });
        var flow = new OidcFlow(server, OidcApp.Notes) { Person = Person.Alice };
        var code = (await flow.AnswerAsync(("scope", "openid email offline_access orders.read"))).Code;
        var tokens = await flow.RedeemAsync(code);
        var refreshed = await flow.RefreshAsync(tokens.Text("refresh_token"));
        await flow.UserInfoAsync(tokens.Text("access_token"));
        using var other = server.NewBrowser();
        await other.SubmitAsync("/account/forgot", "form:has(#send)", ("Email", Person.Bob.UserName));
        var link = (await server.MailToAsync(Person.Bob.UserName))[0].Link();
        await other.SubmitAsync(link, "form:has(#save)", ("Password", "seven purple umbrellas wait"));
        await flow.TokenAsync([("grant_type", "client_credentials"), ("client_id", "orders-worker"), ("client_secret", "orders-worker-development-secret-0001")]);

        string[] secrets =
        [
            code, OidcFlow.Verifier, Person.Alice.Password, "seven purple umbrellas wait", link.Split("token=")[1], "orders-worker-development-secret-0001",
            .. new[] { tokens, refreshed }.SelectMany(answer => new[] { "access_token", "refresh_token", "id_token" }.Select(name => answer.Text(name))).Select(token => token.Split('.')[^1]),
            .. flow.Browser.Cookies.Values, .. other.Cookies.Values,
        ];
        Assert.NotEmpty(server.Logs);
        Assert.All(secrets.Where(secret => secret.Length > 8), secret => Assert.DoesNotContain(server.Logs, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    private static string Policy(HttpResponseMessage answer) => Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));

    /// <summary>Counts how often the host's step of authentication runs: each time it asks for these.</summary>
    private sealed class AskedSchemes(IOptions<AuthenticationOptions> options) : AuthenticationSchemeProvider(options)
    {
        public int Times { get; private set; }

        public override Task<IEnumerable<AuthenticationScheme>> GetRequestHandlerSchemesAsync()
        {
            Times++;
            return base.GetRequestHandlerSchemesAsync();
        }
    }
}
