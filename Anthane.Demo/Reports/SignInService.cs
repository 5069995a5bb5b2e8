using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Demo.Reports;

/// <summary>
/// Speaks with the sign-in service: where to send the browser, codes and refresh tokens against tokens, and what it says of
/// the person. It owns no session and sees no request of a browser.
/// </summary>
internal sealed class SignInService(ReportsOptions options, HttpClient http, Discovery discovery, TokenReader reader, TimeProvider clock)
{
    private const string Scope = "openid profile email orders.read";

    public async Task<string> AuthorizeUrlAsync(PendingSignIn signIn, CancellationToken cancellation) =>
        QueryHelpers.AddQueryString((await discovery.GetAsync(cancellation)).AuthorizationEndpoint, new Dictionary<string, string?>
        {
            ["client_id"] = options.ClientId,
            ["response_type"] = "code",
            ["response_mode"] = "form_post",
            ["redirect_uri"] = options.RedirectUri,
            ["scope"] = Scope,
            ["state"] = signIn.State,
            ["nonce"] = signIn.Nonce,
            ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(signIn.Verifier))),
            ["code_challenge_method"] = "S256",
        });

    public async Task<string> EndSessionUrlAsync(string idToken, string state, CancellationToken cancellation) =>
        QueryHelpers.AddQueryString((await discovery.GetAsync(cancellation)).EndSessionEndpoint, new Dictionary<string, string?>
        {
            ["client_id"] = options.ClientId,
            ["id_token_hint"] = idToken,
            ["post_logout_redirect_uri"] = options.PostLogoutRedirectUri,
            ["state"] = state,
        });

    /// <summary>Redeems the code and believes nothing that is not signed for this very sign-in.</summary>
    /// <exception cref="ReportsException">The sign-in cannot be finished; the message says why.</exception>
    public async Task<ReportSession> FinishAsync(PendingSignIn signIn, string code, CancellationToken cancellation)
    {
        var tokens = await AskAsync(null, cancellation, ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", options.RedirectUri), ("code_verifier", signIn.Verifier))
            ?? throw new ReportsException("This sign-in is over. Start it again.");
        var claims = await reader.ReadAsync(tokens.IdToken, TokenReader.IdToken, cancellation);

        // OpenID Connect Core 3.1.3.7: otherwise it answers another request.
        if (TokenReader.Text(claims, "nonce") != signIn.Nonce)
        {
            throw new ReportsException("The ID token answers another request.");
        }

        var subject = TokenReader.Text(claims, "sub") ?? throw new ReportsException("The ID token names nobody.");
        var person = await PersonAsync(tokens.AccessToken, subject, cancellation);
        return new ReportSession(tokens)
        {
            Subject = subject,
            Sid = TokenReader.Text(claims, "sid") ?? throw new ReportsException("The ID token names no session, so this app could not be told of its end."),
            Email = Shown(person, "email") ?? "no address",
            Name = Shown(person, "name") ?? Shown(person, "email") ?? "Signed in",
            SignedInAt = claims.TryGetProperty("auth_time", out _) ? TokenReader.Instant(claims, "auth_time") : clock.GetUtcNow(),
            Ends = clock.GetUtcNow() + ReportSessions.Lifetime,
        };
    }

    /// <summary>Tokens that are good for a call now; null when the session has ended here or there.</summary>
    /// <param name="session">Whose.</param>
    /// <param name="refused">Tokens that the gateway does not take any more, whatever their end.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<TokenSet?> CurrentAsync(ReportSession session, TokenSet? refused, CancellationToken cancellation)
    {
        await session.Refreshing.WaitAsync(cancellation);
        try
        {
            if (session.Tokens is not { } tokens || (tokens != refused && tokens.Ends > clock.GetUtcNow()))
            {
                return session.Tokens;
            }

            var renewed = tokens.RefreshToken is null ? null : await AskAsync(tokens, cancellation, ("grant_type", "refresh_token"), ("refresh_token", tokens.RefreshToken));
            if (renewed is null)
            {
                session.End();
                return null;
            }

            if (renewed.IdToken != tokens.IdToken)
            {
                await CheckSamePersonAsync(session, renewed.IdToken, cancellation);
            }

            session.Renew(renewed);
            return session.Tokens;
        }
        finally
        {
            session.Refreshing.Release();
        }
    }

    // OpenID Connect Core 12.2: the same issuer and person; a nonce need not be repeated.
    private async Task CheckSamePersonAsync(ReportSession session, string idToken, CancellationToken cancellation)
    {
        if (TokenReader.Text(await reader.ReadAsync(idToken, TokenReader.IdToken, cancellation), "sub") != session.Subject)
        {
            throw new ReportsException("The sign-in service named another person.");
        }
    }

    /// <returns>Null when the code or refresh token is not good any more.</returns>
    private async Task<TokenSet?> AskAsync(TokenSet? before, CancellationToken cancellation, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, (await discovery.GetAsync(cancellation)).TokenEndpoint);
        // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
        var credentials = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}";
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials)));
        request.Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        var (status, body) = await SendAsync(request, cancellation);
        if (status == HttpStatusCode.BadRequest && Shown(body, "error") == "invalid_grant")
        {
            return null;
        }

        if (status != HttpStatusCode.OK || Shown(body, "access_token") is not { } access || (Shown(body, "id_token") ?? before?.IdToken) is not { } id)
        {
            throw new ReportsException($"The sign-in service gave no tokens: it answered {(int)status}.", passes: (int)status >= 500);
        }

        var seconds = body.TryGetProperty("expires_in", out var life) && life.TryGetInt32(out var given) ? given : 60;
        return new TokenSet(access, Shown(body, "refresh_token") ?? before?.RefreshToken, id, clock.GetUtcNow() + TimeSpan.FromSeconds(seconds - 10));
    }

    private async Task<JsonElement> PersonAsync(string accessToken, string subject, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, (await discovery.GetAsync(cancellation)).UserInfoEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        var (status, body) = await SendAsync(request, cancellation);

        // OpenID Connect Core 5.3.2: without this a token that was swapped would bring another person's data.
        return status == HttpStatusCode.OK && Shown(body, "sub") == subject ? body : throw new ReportsException("The sign-in service did not say who you are.");
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.SendAsync(request, cancellation);
            var body = answer.Content.Headers.ContentType?.MediaType is "application/json" ? await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation) : default;
            return (answer.StatusCode, body);
        }
        catch (Exception e) when ((e is HttpRequestException or TaskCanceledException or JsonException) && !cancellation.IsCancellationRequested)
        {
            throw new ReportsException("The sign-in service cannot be reached. Try again in a moment.", passes: true, e);
        }
    }

    private static string? Shown(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
