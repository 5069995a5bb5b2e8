using Anthane.Oidc.Endpoints;

namespace Anthane.Sso.Pages.Shared;

/// <summary>An error in a person's words: what happened, what it means, what to do next.</summary>
internal sealed record ErrorText(string Title, string Meaning, string Next)
{
    /// <summary>A request of an app that this server does not answer to the app itself.</summary>
    public static ErrorText OfApp(int status, string code) => status switch
    {
        _ when code is OidcShownError.SignInOver or OidcShownError.InvalidRequestUri => new(
            "This sign-in is over",
            "It was finished already, waited too long, or was begun in another browser. You did nothing wrong, and nothing was changed.",
            "Go back to the app and sign in from there. If it happens again, tell the people who run the app, and give them the support id below."),
        StatusCodes.Status429TooManyRequests => new(
            "Very many at once from your network",
            "Within a minute, more sign-ins were started from your network than this server takes. You did nothing wrong, and nothing was changed.",
            "Wait a minute, then go back to the app and start again. If it happens again, tell the people who run this server the support id below."),
        StatusCodes.Status503ServiceUnavailable => new(
            "Very many at once",
            "Within a minute, more sign-ins were started than this server takes. You did nothing wrong, and nothing was changed.",
            "Wait a minute, then go back to the app and start again. If it happens again, tell the people who run this server the support id below."),
        _ => new(
            "The app’s request was not right",
            "The app that sent you here asked in a way that this server refuses. You did nothing wrong, and nothing was changed.",
            "Go back to the app and try once more. If it happens again, tell the people who run the app, and give them the support id below."),
    };

    public static ErrorText Of(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new(
            "This form is out of date",
            "The page was open for a long time, or you signed in or out in another tab meanwhile. Nothing was changed.",
            "Go back, load the page again, and repeat what you did."),
        StatusCodes.Status403Forbidden => new(
            "This page is for admins",
            "Your account may not open it.",
            "If you need it for your work, ask an admin of this server to give your account the role."),
        StatusCodes.Status404NotFound => new(
            "There is no such page",
            "The address may be mistyped, or what it showed was deleted.",
            "Check the address, or start from your apps."),
        StatusCodes.Status405MethodNotAllowed => new(
            "This address does something else",
            "It was opened in a way that it does not answer.",
            "Go back to the page you came from and start again there."),
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status414UriTooLong => new(
            "That was too much at once",
            "What was sent is larger than this server takes. Nothing was changed.",
            "Go back and shorten it."),
        StatusCodes.Status429TooManyRequests => new(
            "Too many attempts",
            "This server slows down whoever tries very often, to keep others out of your account.",
            "Wait a few minutes, then try again."),
        >= 500 => new(
            "Something broke on our side",
            "What you asked for could not be done. It was not your fault, and it was written to the log.",
            "Try again in a minute. If it happens again, tell the people who run this server the support id below."),
        _ => new(
            "That did not work",
            "This server could not take what was sent. Nothing was changed.",
            "Go back and try again. If it happens again, give the support id below to the people who run this server."),
    };
}
