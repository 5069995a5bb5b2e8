namespace Anthane.Sso.Pages.Shared;

/// <summary>What the scopes of OpenID Connect itself (Core 5.4, 11) mean to a person. Scopes of APIs carry their own words.</summary>
internal static class ScopeTexts
{
    public static (string Title, string Meaning) Of(string scope) => scope switch
    {
        "openid" => ("Know that it is you", "A number that stands for your account, and when you signed in"),
        "profile" => ("See your profile", "Your name, picture, birthday, language and what else your profile holds"),
        "email" => ("See your e-mail address", "And whether it was confirmed"),
        "address" => ("See your postal address", "As your profile has it"),
        "phone" => ("See your phone number", "And whether it was confirmed"),
        "offline_access" => ("Act while you are away", "It keeps what you allow here after you sign out, until you or an admin ends it"),
        _ => (scope, ""),
    };
}
