using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Anthane.Demo.Reports;

/// <summary>An order as the API shows it.</summary>
internal sealed record ReportedOrder(string Item, int Quantity, DateTimeOffset PlacedAt);

/// <summary>Reads a person's orders through the gateway, with the access token of their session.</summary>
internal sealed class OrdersClient(ReportsOptions options, HttpClient http, SignInService signIn)
{
    /// <returns>Newest first; null when the session has ended.</returns>
    /// <exception cref="ReportsException">The orders cannot be had now.</exception>
    public async Task<IReadOnlyList<ReportedOrder>?> ListAsync(ReportSession session, CancellationToken cancellation)
    {
        if (await signIn.CurrentAsync(session, null, cancellation) is not { } tokens)
        {
            return null;
        }

        var (status, orders) = await GetAsync(tokens, cancellation);
        if (status == HttpStatusCode.Unauthorized)
        {
            // A token can be ended before its time; another is asked for once.
            if (await signIn.CurrentAsync(session, tokens, cancellation) is not { } renewed)
            {
                return null;
            }

            (status, orders) = await GetAsync(renewed, cancellation);
        }

        return orders ?? throw new ReportsException($"Your orders cannot be shown now: the gateway answered {(int)status}.", passes: true);
    }

    private async Task<(HttpStatusCode Status, IReadOnlyList<ReportedOrder>? Orders)> GetAsync(TokenSet tokens, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, options.Gateway + "/orders");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
            using var answer = await http.SendAsync(request, cancellation);
            return (answer.StatusCode, answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<ReportedOrder[]>(cancellation) : null);
        }
        catch (Exception e) when ((e is HttpRequestException or TaskCanceledException or JsonException) && !cancellation.IsCancellationRequested)
        {
            throw new ReportsException("The gateway cannot be reached. Try again in a moment.", passes: true, e);
        }
    }
}
