using System.Globalization;
using System.Text;

namespace Anthane.Demo;

/// <summary>The one table that a newcomer reads: where everything is, and who can sign in.</summary>
internal static class Banner
{
    public static string For(DemoHost demo)
    {
        var at = demo.Options.Addresses;
        var text = new StringBuilder().AppendLine().AppendLine("Anthane is running. Ctrl+C ends all of it.").AppendLine();
        Row(text, "Notes", at.Notes, "start here");
        Row(text, "Photos", at.Photos, "then open this: no second sign-in");
        Row(text, "Reports", at.Reports, "an app on a server: signing out anywhere ends it at once");
        Row(text, "SSO", at.Sso, "your account; for an admin: /admin/clients, /admin/apis, /admin/people");
        Row(text, "Gateway", at.Gateway, "/orders needs a token, /public/time does not and is limited to 60 a minute");
        Row(text, "Orders API", at.Orders, "internal: reached through the gateway");
        Row(text, "Mail", at.Sso + "/dev/mail", "what the SSO would have sent");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"  {"sign in as",-22}  password");
        foreach (var person in demo.People)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {person.Email,-22}  {person.Password}{(person.IsAdmin ? "   (admin)" : "")}");
        }

        return text.AppendLine().Append("  data in ").Append(demo.Options.DataDirectory).AppendLine("; --fresh starts over").ToString();
    }

    private static void Row(StringBuilder text, string what, string where, string note) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"  {what,-11} {where,-31} {note}");
}
