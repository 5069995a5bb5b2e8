using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Anthane.Oidc.AuthorizationRequests;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints.Authorize;

/// <summary>
/// Carries a code or an error to the client's redirect URI, by query or by a form that submits itself. Every answer names the
/// issuer (RFC 9207). Redirects are 303, so that nothing posted here is ever posted on (RFC 9700 section 4.12).
/// </summary>
internal sealed class AuthorizeResponse(OidcOptions options)
{
    private const string Script = "document.forms[0].submit()";
    private static readonly string ScriptHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));

    public Task CodeAsync(HttpContext http, ReturnAddress to, string code) => SendAsync(http, to, [("code", code), ("state", to.State), ("iss", options.Issuer)]);

    public Task ErrorAsync(HttpContext http, ReturnAddress to, OidcError error) =>
        SendAsync(http, to, [("error", error.Code), ("error_description", error.Description), ("state", to.State), ("iss", options.Issuer)]);

    /// <summary>To a page of our own; built from the issuer, never from the Host header.</summary>
    public void GoTo(HttpContext http, string path) => Answers.GoTo(http, options.Url(path));

    private static Task SendAsync(HttpContext http, ReturnAddress to, (string Name, string? Value)[] values)
    {
        var given = values.Where(value => value.Value is not null).ToArray();
        if (to.ResponseMode == ResponseModes.FormPost)
        {
            return FormAsync(http, to.RedirectUri, given!);
        }

        Answers.GoTo(http, Answers.With(to.RedirectUri, given!));
        return Task.CompletedTask;
    }

    /// <summary>OAuth 2.0 Form Post Response Mode; the button is for browsers without JavaScript.</summary>
    private static Task FormAsync(HttpContext http, string action, (string Name, string Value)[] values)
    {
        var encode = HtmlEncoder.Default;
        var fields = string.Concat(values.Select(value => $"<input type=\"hidden\" name=\"{value.Name}\" value=\"{encode.Encode(value.Value)}\">"));
        Answers.NoStore(http);
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers.XFrameOptions = "DENY";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; script-src 'sha256-{ScriptHash}'; frame-ancestors 'none'; base-uri 'none'";
        return http.Response.WriteAsync(
            $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Back to the app</title></head>"
            + $"<body><form method=\"post\" action=\"{encode.Encode(action)}\">{fields}<p>You are on your way back to the app.</p><button type=\"submit\">Continue</button></form>"
            + $"<script>{Script}</script></body></html>",
            http.RequestAborted);
    }
}
