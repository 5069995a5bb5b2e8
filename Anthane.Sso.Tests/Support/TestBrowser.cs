using System.Net.Http.Headers;
using System.Net.Security;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Anthane.Sso.Tests.Support;

/// <summary>
/// An HTTP client with cookies of its own. It follows no redirect by itself, and it keeps a Secure cookie on plain http too,
/// so that a server with an https issuer can be spoken to without TLS; flags are looked at in Set-Cookie.
/// </summary>
public sealed class TestBrowser : IDisposable
{
    private readonly HttpClient client;

    /// <param name="address">Where relative addresses are.</param>
    /// <param name="tls">What it believes of servers; null for the machine's own trust.</param>
    public TestBrowser(Uri address, SslClientAuthenticationOptions? tls = null)
    {
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = tls ?? new() }) { BaseAddress = address };
    }

    /// <summary>Name → value; a test may take or plant some.</summary>
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Headers of every request, for example X-Forwarded-For.</summary>
    public HttpRequestHeaders Headers => client.DefaultRequestHeaders;

    public Task<HttpResponseMessage> GetAsync(string url) => SendAsync(new HttpRequestMessage(HttpMethod.Get, Url(url)));

    public Task<HttpResponseMessage> PostAsync(string url, params (string Name, string Value)[] form) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, Url(url)) { Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))) });

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => cookie.Key + "=" + cookie.Value)));
        }

        var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        if (response.Headers.TryGetValues("Set-Cookie", out var set))
        {
            foreach (var cookie in set)
            {
                Keep(cookie);
            }
        }

        return response;
    }

    /// <summary>The page, parsed.</summary>
    public async Task<IHtmlDocument> PageAsync(string url) => await ReadAsync(await GetAsync(url));

    public static async Task<IHtmlDocument> ReadAsync(HttpResponseMessage response) =>
        new HtmlParser().ParseDocument(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    /// <summary>Sends a form of a page as a browser would: hidden fields included, to the form's own address.</summary>
    /// <param name="url">The page that has the form.</param>
    /// <param name="formSelector">Which form, for example <c>form:has(#login)</c>.</param>
    /// <param name="fields">What the person fills in; a name that the form does not have is sent too.</param>
    public async Task<HttpResponseMessage> SubmitAsync(string url, string formSelector, params (string Name, string Value)[] fields)
    {
        var page = await PageAsync(url);
        var form = page.QuerySelector(formSelector) as IHtmlFormElement
            ?? throw new InvalidOperationException($"{url} has no {formSelector}: {page.Body?.TextContent}");
        var values = form.QuerySelectorAll("input[type=hidden]").OfType<IHtmlInputElement>()
            .Select(input => (input.Name!, input.Value))
            .Where(hidden => fields.All(field => field.Name != hidden.Item1))
            .Concat(fields)
            .ToArray();
        var action = form.GetAttribute("action") is { Length: > 0 } own ? own : url;
        return await PostAsync(action, values);
    }

    /// <summary>Presses a button of a page that was loaded before: the fields of its form go where the form or the button says.</summary>
    public async Task<HttpResponseMessage> ClickAsync(HttpResponseMessage loaded, string button, params (string Name, string Value)[] fields)
    {
        var page = await ReadAsync(loaded);
        var pressed = page.QuerySelector(button) as IHtmlButtonElement ?? throw new InvalidOperationException($"no {button} on: {page.Body?.TextContent}");
        var action = pressed.GetAttribute("formaction") ?? pressed.Form!.GetAttribute("action");
        var hidden = pressed.Form!.QuerySelectorAll("input[type=hidden]").OfType<IHtmlInputElement>().Select(input => (input.Name!, input.Value));
        var url = loaded.RequestMessage!.RequestUri!;
        return await PostAsync(new Uri(url, string.IsNullOrEmpty(action) ? url.PathAndQuery : action).ToString(), [.. hidden, .. fields]);
    }

    /// <summary>Follows redirects for as long as they stay on this server; the answer is the first that does not.</summary>
    public async Task<HttpResponseMessage> FollowAsync(HttpResponseMessage response)
    {
        while ((int)response.StatusCode is >= 300 and < 400 && IsHere(response.Headers.Location!))
        {
            response = await GetAsync(response.Headers.Location!.ToString());
        }

        return response;
    }

    public void Dispose() => client.Dispose();

    private bool IsHere(Uri location) => !location.IsAbsoluteUri || location.Authority == client.BaseAddress!.Authority;

    private Uri Url(string url) => new(client.BaseAddress!, url);

    private void Keep(string header)
    {
        var pair = header.Split(';')[0].Split('=', 2);
        var gone = header.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase) || header.Contains("max-age=0", StringComparison.OrdinalIgnoreCase);
        if (gone)
        {
            Cookies.Remove(pair[0]);
        }
        else
        {
            Cookies[pair[0]] = pair[1];
        }
    }
}
