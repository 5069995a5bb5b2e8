using System.Diagnostics;
using System.Text.RegularExpressions;
using Anthane.Sso.Mail;

namespace Anthane.Sso.Tests.Support;

/// <summary>Mail that a server wrote to its files. It comes from the outbox, so a moment after the answer.</summary>
public static partial class Mailbox
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until so many mails to the address are there; the newest is first.</summary>
    public static async Task<IReadOnlyList<DevelopmentMail>> MailToAsync(this SsoServer server, string address, int count = 1)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var mails = server.AllMail().Where(mail => mail.To.Equals(address, StringComparison.OrdinalIgnoreCase)).ToList();
            if (mails.Count >= count)
            {
                return mails;
            }

            Assert.True(waited.Elapsed < Patience, $"{mails.Count} mails to {address} instead of {count}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public static IReadOnlyList<DevelopmentMail> AllMail(this SsoServer server) => server.Get<DevelopmentMailbox>().List();

    /// <summary>The link of a mail, path and query.</summary>
    public static string Link(this DevelopmentMail mail) => new Uri(Address().Match(mail.Text).Value).PathAndQuery;

    [GeneratedRegex(@"https?://\S+token=\S+")]
    private static partial Regex Address();
}
