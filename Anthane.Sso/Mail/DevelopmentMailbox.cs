using System.Globalization;
using Anthane.Sso.Hosting;

namespace Anthane.Sso.Mail;

/// <summary>A mail that stayed on this machine.</summary>
/// <param name="Name">Unique; sorts by time.</param>
/// <param name="To">The address it was for.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="At">When it was written.</param>
/// <param name="Text">The text, with the link in it.</param>
public sealed record DevelopmentMail(string Name, string To, string Subject, DateTimeOffset At, string Text);

/// <summary>In Development without SMTP, mail is a file under <c>mail/</c> in the data directory, and the page <c>/dev/mail</c> shows it.</summary>
public sealed class DevelopmentMailbox : IMailSender
{
    private const int MostShown = 100;
    private readonly SsoSettings settings;
    private readonly TimeProvider clock;
    private int sent;

    internal DevelopmentMailbox(SsoSettings settings, TimeProvider clock)
    {
        this.settings = settings;
        this.clock = clock;
    }

    /// <summary>Whether mail goes here. When not, the page answers 404.</summary>
    public bool IsOpen => settings.IsDevelopment && !settings.HasSmtp;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<DevelopmentMail> List()
    {
        var directory = new DirectoryInfo(Folder);
        return !IsOpen || !directory.Exists ? [] : directory.GetFiles("*.txt")
            .OrderByDescending(file => file.Name, StringComparer.Ordinal)
            .Take(MostShown)
            .Select(file => Read(file.Name, File.ReadAllLines(file.FullName)))
            .ToList();
    }

    Task IMailSender.SendAsync(Mail mail, CancellationToken cancellation)
    {
        OwnDirectory.Make(Folder);
        var now = clock.GetUtcNow();
        var name = string.Create(CultureInfo.InvariantCulture, $"{now:yyyyMMdd-HHmmss-fff}-{Environment.ProcessId:D7}-{Interlocked.Increment(ref sent):D6}.txt");
        var text = string.Create(CultureInfo.InvariantCulture, $"To: {mail.To}\nSubject: {mail.Subject}\nDate: {now:O}\n\n{mail.Text}");
        return File.WriteAllTextAsync(Path.Combine(Folder, name), text, cancellation);
    }

    private string Folder => Path.Combine(settings.DataDirectory!, "mail");

    private static DevelopmentMail Read(string name, string[] lines) => new(
        name,
        Header(lines, "To: "),
        Header(lines, "Subject: "),
        DateTimeOffset.TryParse(Header(lines, "Date: "), CultureInfo.InvariantCulture, out var at) ? at : DateTimeOffset.UnixEpoch,
        string.Join('\n', lines.SkipWhile(line => line.Length > 0).Skip(1)));

    private static string Header(string[] lines, string name) =>
        lines.TakeWhile(line => line.Length > 0).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..] ?? "";
}
