using System.Globalization;
using Anthane.Oidc.Administration;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>What became of a sign-out message, in words.</summary>
internal static class SignOutText
{
    public static (string Word, string Tag) Of(LogoutMessageState state) => state switch
    {
        LogoutMessageState.Delivered => ("Delivered", "good"),
        LogoutMessageState.Waiting => ("Waiting", ""),
        LogoutMessageState.Refused => ("Refused", "bad"),
        _ => ("Given up", "bad"),
    };

    public static string Sent(int attempts) => attempts == 1 ? "Sent once." : string.Create(CultureInfo.InvariantCulture, $"Sent {attempts} times.");

    public static string When(LogoutMessageStatus message) => message switch
    {
        { State: LogoutMessageState.Delivered } => "delivered",
        { State: LogoutMessageState.Waiting, Attempts: 0 } => "sent from",
        { State: LogoutMessageState.Waiting } => "sent again from",
        { State: LogoutMessageState.Refused } => "refused",
        _ => "given up",
    };
}
