using System.Net;
using AngleSharp.Html.Dom;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>Forms as a browser sends them: everything that stands in them, and what the person changes.</summary>
internal static class PageForms
{
    public static async Task<TestBrowser> SignedInAsync(this SsoServer server, Person person)
    {
        var browser = server.NewBrowser();
        var page = await browser.GetAsync("/account/login");
        var answer = await browser.ClickAsync(page, "#login", ("Username", person.UserName), ("Password", person.Password));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return browser;
    }

    /// <summary>Loads a page and presses a button of it. A changed value of null leaves the field out, as an unticked box is.</summary>
    public static async Task<HttpResponseMessage> PressAsync(this TestBrowser browser, string url, string button, params (string Name, string? Value)[] changes) =>
        await browser.PressAsync(await browser.GetAsync(url), button, changes);

    public static async Task<HttpResponseMessage> PressAsync(this TestBrowser browser, HttpResponseMessage loaded, string button, params (string Name, string? Value)[] changes)
    {
        var page = await TestBrowser.ReadAsync(loaded);
        var pressed = page.QuerySelector(button) as IHtmlButtonElement ?? throw new InvalidOperationException($"no {button} on: {page.Body?.TextContent}");
        var fields = pressed.Form!.QuerySelectorAll("input, textarea, select").SelectMany(Values).Where(field => changes.All(change => change.Name != field.Name));
        if (pressed.Name is { Length: > 0 } name)
        {
            fields = fields.Append((name, pressed.Value));
        }

        var action = pressed.GetAttribute("formaction") ?? pressed.Form!.GetAttribute("action");
        var url = loaded.RequestMessage!.RequestUri!;
        return await browser.PostAsync(
            new Uri(url, string.IsNullOrEmpty(action) ? url.PathAndQuery : action).ToString(),
            [.. fields, .. changes.Where(change => change.Value is not null).Select(change => (change.Name, change.Value!))]);
    }

    /// <summary>Follows the 303 that every successful POST answers with.</summary>
    public static async Task<HttpResponseMessage> ThenAsync(this TestBrowser browser, HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return await browser.GetAsync(answer.Headers.Location!.ToString());
    }

    public static async Task<IHtmlDocument> ReadAsync(this Task<HttpResponseMessage> response) => await TestBrowser.ReadAsync(await response);

    public static string Text(this IHtmlDocument page, string selector) => page.QuerySelector(selector)?.TextContent.Trim() ?? throw new InvalidOperationException($"no {selector} on: {page.Body?.TextContent}");

    private static IEnumerable<(string Name, string Value)> Values(AngleSharp.Dom.IElement element) => element switch
    {
        IHtmlInputElement { Type: "checkbox" or "radio", IsChecked: false } => [],
        IHtmlInputElement { Name: { Length: > 0 } name } input => [(name, input.Value)],
        IHtmlTextAreaElement { Name: { Length: > 0 } name } area => [(name, area.Value)],
        IHtmlSelectElement { Name: { Length: > 0 } name } select => [(name, select.Value ?? "")],
        _ => [],
    };
}
