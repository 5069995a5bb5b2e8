using System.Diagnostics;
using System.Text;
using Anthane.Sso.Accounts;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Accounts;

public sealed class SmtpTests
{
    [Fact]
    public async Task With_a_mail_server_configured_mail_goes_there_and_nowhere_else()
    {
        await using var smtp = new SmtpListener();
        await using var server = await SsoServer.StartAsync(Options(smtp));
        using var browser = server.NewBrowser();
        await browser.SubmitAsync("/account/forgot", "form:has(#send)", ("Email", "alice@anthane.test"));

        var mail = await NextAsync(smtp);
        Assert.Contains("RCPT TO:<alice@anthane.test>", mail, StringComparison.Ordinal);
        Assert.Contains("MAIL FROM:<no-reply@anthane.test>", mail, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-generated", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("/account/password?token=", Text(mail), StringComparison.Ordinal);
        Assert.Empty(server.AllMail());
        Assert.False(Directory.Exists(Path.Combine(server.DataDirectory, "mail")));
    }

    [Fact]
    public async Task A_mail_server_that_says_not_now_gets_the_mail_again_later_with_a_link_that_works()
    {
        await using var smtp = new SmtpListener(refusals: 1);
        await using var server = await SsoServer.StartAsync(Options(smtp));
        using var browser = server.NewBrowser();
        await browser.SubmitAsync("/account/forgot", "form:has(#send)", ("Email", "alice@anthane.test"));
        var waited = Stopwatch.StartNew();
        while (smtp.Refusals > 0)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Empty(smtp.Received);
        // The pause before the second attempt goes by the server's clock; moving it until the attempt was recorded.
        while (smtp.Received.IsEmpty)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60));
            server.Clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        var text = Text(await NextAsync(smtp));
        var token = text[(text.IndexOf("token=", StringComparison.Ordinal) + 6)..][..43];
        Assert.True(await server.Get<AccountMail>().LinkIsLiveAsync(token, LinkPurpose.NewPassword));
    }

    private static SsoServerOptions Options(SmtpListener smtp) => new()
    {
        Settings = new Dictionary<string, string?>
        {
            ["Sso:Smtp:Host"] = "localhost",
            ["Sso:Smtp:Port"] = smtp.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Sso:Smtp:From"] = "Anthane <no-reply@anthane.test>",
            ["Sso:Smtp:Tls"] = "false",
        },
    };

    private static async Task<string> NextAsync(SmtpListener smtp)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (smtp.Received.TryPeek(out var mail))
            {
                return mail;
            }

            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "no mail came");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Quoted-printable or base64, whichever the client chose.</summary>
    private static string Text(string mail)
    {
        var body = mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var at ? at : mail.IndexOf("\r\n\r\n", StringComparison.Ordinal))..].Trim();
        return mail.Contains("base64", StringComparison.OrdinalIgnoreCase)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(body.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal)))
            : body.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
    }
}
