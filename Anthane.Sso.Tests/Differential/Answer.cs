using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.WebUtilities;

namespace Anthane.Sso.Tests.Differential;

/// <summary>An answer, reduced to what a client or a person makes of it.</summary>
/// <param name="What">That it was accepted, what is asked of the person, or the error code.</param>
/// <param name="Where">How it was said; empty when it is the usual way: by query at authorize, else as JSON with 401 for invalid_client and 400 for the rest.</param>
internal sealed record Answer(string What, string Where)
{
    private const string Accepted = "accepted";

    public bool IsAccepted => What == Accepted;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, string redirectUri)
    {
        if (response.Headers.Location is { } location)
        {
            return OfRedirect(location.OriginalString, redirectUri);
        }

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var where = $"{(int)response.StatusCode}";
        return response.Content.Headers.ContentType?.MediaType switch
        {
            "application/json" => OfJson(JsonDocument.Parse(text).RootElement, where),
            "text/html" => OfPage(new HtmlParser().ParseDocument(text), redirectUri, where),
            _ => new Answer("nothing", where),
        };
    }

    public override string ToString() => Where.Length == 0 ? What : $"{What}, {Where}";

    private static Answer OfRedirect(string location, string redirectUri)
    {
        var at = location.IndexOfAny(['?', '#']);
        var to = at < 0 ? location : location[..at];
        if (to == redirectUri && at >= 0)
        {
            var values = QueryHelpers.ParseQuery(location[(at + 1)..]);
            return OfValues(name => values.TryGetValue(name, out var value) ? value.ToString() : null, location[at] == '?' ? "" : "fragment");
        }

        var path = Uri.TryCreate(location, UriKind.Absolute, out var absolute) && absolute.Host == "localhost" ? absolute.AbsolutePath : to;
        return path.Split('/') switch
        {
            [_, "account", "login"] or [_, "interaction", "login", ..] => new Answer("asks to sign in", ""),
            [_, "account", "register"] or [_, "interaction", "create", ..] => new Answer("asks to make an account", ""),
            [_, "account", "select"] or [_, "interaction", "select_account", ..] => new Answer("asks which account", ""),
            [_, "consent"] or [_, "interaction", "consent", ..] => new Answer("asks for consent", ""),
            _ => new Answer("sent elsewhere", path),
        };
    }

    private static Answer OfJson(JsonElement json, string status) =>
        json.TryGetProperty("error", out var error) ? new Answer(error.GetString()!, status == (error.GetString() == "invalid_client" ? "401" : "400") ? "" : status)
        : json.TryGetProperty("access_token", out _) || json.TryGetProperty("request_uri", out _) ? new Answer(Accepted, "")
        : new Answer("nothing", status);

    private static Answer OfPage(IHtmlDocument page, string redirectUri, string status)
    {
        if (page.QuerySelector("#code") is { } code)
        {
            return new Answer(code.TextContent, $"page {status}");
        }

        if (page.QuerySelector("form[method=post]") is not IHtmlFormElement form)
        {
            return new Answer("a page", status);
        }

        return form.GetAttribute("action") == redirectUri
            ? OfValues(name => form.QuerySelector($"input[name={name}]")?.GetAttribute("value"), "form_post")
            : new Answer("posted elsewhere", form.GetAttribute("action") ?? "");
    }

    private static Answer OfValues(Func<string, string?> valueOf, string mode) =>
        valueOf("error") is { } error ? new Answer(error, mode) : valueOf("code") is not null ? new Answer(Accepted, mode) : new Answer("nothing", mode);
}
