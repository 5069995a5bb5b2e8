using System.Diagnostics;
using System.Globalization;
using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Accounts;

/// <summary>Mail, and the password for the mail server, travel encrypted or not at all.</summary>
public sealed class SmtpEncryptionTests
{
    [Fact]
    public async Task Mail_goes_by_STARTTLS_to_a_server_whose_certificate_is_trusted_and_the_login_after_it()
    {
        using var certificate = SelfSigned.For("localhost");
        await using var smtp = new SmtpListener(certificate: certificate);
        using var files = new TempDirectory();
        var roots = Path.Combine(files.Path, "roots.pem");
        await File.WriteAllTextAsync(roots, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        // Which roots a process trusts is settled when it starts.
        await using var sso = await SsoProcess.StartAsync(new() { ["SSL_CERT_FILE"] = roots, ["SSL_CERT_DIR"] = files.Path }, [.. Settings(smtp).Select(setting => $"--{setting.Key}={setting.Value}")]);
        using var browser = new TestBrowser(sso.Address);
        await AskForMailAsync(browser);

        await UntilAsync(() => !smtp.Received.IsEmpty);
        Assert.True(smtp.Received.TryPeek(out var mail));
        Assert.Contains("RCPT TO:<alice@anthane.test>", mail, StringComparison.Ordinal);
        Assert.Equal([("sso", "the password of the mail server")], smtp.Logins);
        Assert.Equal(["EHLO", "STARTTLS"], smtp.InTheClear.Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData("not trusted")]
    [InlineData("without STARTTLS")]
    public async Task A_mail_server_that_is_not_trusted_or_does_not_encrypt_gets_neither_mail_nor_password(string fault)
    {
        using var certificate = SelfSigned.For("localhost");
        await using var smtp = new SmtpListener(certificate: fault == "not trusted" ? certificate : null);
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Settings = Settings(smtp) });
        using var browser = server.NewBrowser();
        await AskForMailAsync(browser);

        await UntilAsync(() => smtp.Ended > 0);
        Assert.Empty(smtp.Received);
        Assert.Empty(smtp.Logins);
        Assert.DoesNotContain(smtp.InTheClear, line => line.StartsWith("MAIL", StringComparison.Ordinal) || line.StartsWith("AUTH", StringComparison.Ordinal));
        await UntilAsync(() => server.Logs.Any(line => line.Contains("mail", StringComparison.OrdinalIgnoreCase) && (line.StartsWith("Warning", StringComparison.Ordinal) || line.StartsWith("Error", StringComparison.Ordinal))));
    }

    private static async Task AskForMailAsync(TestBrowser browser) =>
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SubmitAsync("/account/forgot", "form:has(#send)", ("Email", Person.Alice.UserName))).StatusCode);

    private static Dictionary<string, string?> Settings(SmtpListener smtp) => new()
    {
        ["Sso:Smtp:Host"] = "localhost",
        ["Sso:Smtp:Port"] = smtp.Port.ToString(CultureInfo.InvariantCulture),
        ["Sso:Smtp:From"] = "no-reply@anthane.test",
        ["Sso:Smtp:UserName"] = "sso",
        ["Sso:Smtp:Password"] = "the password of the mail server",
    };

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "it did not happen in time");
        }
    }
}
