using Anthane.Sso.Hosting;

namespace Anthane.Sso.Mail;

/// <summary>What our mails say. Links come from the issuer alone; nothing that a stranger typed is repeated (AC-10, AC-25).</summary>
internal sealed class MailTexts(SsoSettings settings)
{
    private string Where => new Uri(settings.Issuer).Authority;

    public Mail Verify(string to, string link) => new(to, $"Confirm your address for {Where}", $"""
        Hello,

        somebody, hopefully you, asked for an account at {Where} with this address.
        To confirm it, open this link within 30 minutes and enter the password you chose:

        {link}

        If it was not you, ignore this mail: without the link there is no account.

        """);

    public Mail AlreadyThere(string to) => new(to, $"Your account at {Where}", $"""
        Hello,

        somebody, hopefully you, asked for an account at {Where} with this address.
        You have one already. Sign in here:

        {settings.Url("/account/login")}

        If you have forgotten your password, choose "Forgot your password?" there.
        If it was not you, ignore this mail: nothing has changed.

        """);

    public Mail NewPassword(string to, string link) => new(to, $"Set your password for {Where}", $"""
        Hello,

        with this link you set a new password for your account at {Where}. It works once, within 30 minutes:

        {link}

        If you did not ask for it, ignore this mail: your password stays as it is.

        """);

    public Mail PasswordChanged(string to) => new(to, $"Your password for {Where} was changed", $"""
        Hello,

        the password of your account at {Where} was just changed, and you were signed out everywhere.
        If it was not you, set another one now and tell your administrator:

        {settings.Url("/account/forgot")}

        """);

    public Mail AppEnded(string to, string app) => new(to, $"An app was signed out of your account at {Where}", $"""
        Hello,

        a key with which the app "{app}" uses your account at {Where} turned up a second time. Somebody may have copied it,
        so it does not work any more, for nobody. Nothing else was changed.

        Sign in to the app again if you use it. If you do not know it, or this comes again, sign out everywhere
        and tell your administrator:

        {settings.Url("/")}

        """);
}
