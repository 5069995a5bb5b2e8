using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>The pages' returnUrl leads to pages of ours or nowhere.</summary>
[Collection<AuthorizeCollection>]
public sealed class ReturnUrlTests(AuthorizeRun run)
{
    private static readonly string[] Starts =
    [
        "//", "///", "////", "/\\", "\\\\", "\\/", "/\\/", "/\t/", "/\n/", "/\r/", "\t//", " //", "%2f%2f", "/%2f", "/%5c", "/%09/", "/.//", "/..//", "/;//", "/?//", "@", "/@", ":", "//;@",
        "https://", "HTTPS://", "http://", "https:", "https:/", "https:\\\\", "hTTps:/\\", "ftp://", "blob:https://", "~//", "~/\\", "~/%2f", "/~//", "\u2044\u2044", "/\u2044", "/\uff0f", "/\u2215", "\u3002//", "/\0/", "//%00", "/\u200b/",
    ];

    private static readonly string[] Hosts = ["evil.test", "evil.test/%2e%2e", "evil%2etest", "evil\u3002test", "localhost@evil.test", "evil.test:80", "evil.test#@localhost", "evil.test?localhost", "[::ffff:1.2.3.4]", "1.2.3.4", "3232235777"];

    private static readonly string[] Others =
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\u0001javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "about:blank", "evil.test", "", " ", ".", "..", "~", "\\", "%", "%0d%0aLocation:%20https://evil.test", "/\r\nLocation: https://evil.test", "/a\r\nSet-Cookie: x=1",
    ];

    [Fact]
    public async Task AZ_41_no_payload_leads_off_the_site_raw_or_decoded()
    {
        var payloads = Starts.SelectMany(start => Hosts.Select(host => start + host)).Concat(Others).ToArray();
        Assert.InRange(payloads.Length, 400, 1000);
        var flow = run.Flow();

        // Signed in already, the page leads on by itself; that is the cheap way to ask it about every payload.
        await flow.AnswerAsync();
        foreach (var payload in payloads.Where((_, i) => Rounds.IsLong || i % 4 == 0))
        {
            foreach (var sent in new[] { Uri.EscapeDataString(payload), Raw(payload) })
            {
                var response = await flow.Browser.GetAsync("/account/login?returnUrl=" + sent);
                ExpectHere(response, payload);
            }
        }

        // And at the moment of signing in, where the returnUrl comes back in the form's address.
        foreach (var payload in payloads.Where((_, i) => i % (Rounds.IsLong ? 5 : 50) == 0))
        {
            var fresh = run.Flow();
            var loaded = await fresh.Browser.GetAsync("/account/login?returnUrl=" + Uri.EscapeDataString(payload));
            ExpectHere(await fresh.SignInAsync(loaded), payload);
        }

    }

    [Fact]
    public async Task AZ_41_the_payloads_are_dead_on_the_other_pages_too()
    {
        var flow = run.Flow();
        await flow.AnswerAsync();
        foreach (var path in new[] { "/account/register", "/account/forgot", "/account/logout", "/account/select", "/consent", "/error", "/connect/authorize/continue", "/" })
        {
            foreach (var payload in new[] { "//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)" })
            {
                foreach (var name in new[] { "returnUrl", "request", "ReturnUrl", "redirect_uri", "next" })
                {
                    var response = await flow.Browser.GetAsync($"{path}?{name}={Uri.EscapeDataString(payload)}");
                    ExpectHere(response, payload);
                    var links = (await TestBrowser.ReadAsync(response)).QuerySelectorAll("a[href], form[action], button[formaction]")
                        .Select(element => element.GetAttribute("href") ?? element.GetAttribute("action") ?? element.GetAttribute("formaction")!);
                    Assert.All(links, link => Assert.DoesNotMatch("^(//|/\\\\|javascript:|https://evil)", link));
                }
            }
        }
    }

    /// <summary>What of it can stand in a request line unescaped.</summary>
    private static string Raw(string payload) =>
        string.Concat(payload.Select(c => c is > ' ' and < '\x7f' and not ('#' or '&' or '+') ? c.ToString() : Uri.EscapeDataString(c.ToString())));

    private void ExpectHere(HttpResponseMessage response, string payload)
    {
        Assert.InRange((int)response.StatusCode, 200, 499);
        if (response.Headers.Location is { } location)
        {
            // As a browser reads it: backslashes are slashes, and white space in front does not count.
            var text = location.OriginalString.Replace('\\', '/').Trim();
            var target = new Uri(run.Server.Address, text);
            Assert.True(target.Authority == run.Server.Address.Authority && target.Scheme is "http", $"{payload} led to {location.OriginalString}");
        }

        Assert.False(response.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(cookie => cookie.StartsWith("x=", StringComparison.Ordinal)));
    }
}
