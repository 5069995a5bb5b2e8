using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Outbound;
using Anthane.Oidc.Outbox;

namespace Anthane.Oidc.Logout;

/// <summary>
/// Posts a logout token to a client (Back-Channel Logout 1.0 section 2.5). The address is called as it was registered: no
/// redirect is followed, no cookie kept, and of the answer the status alone is read.
/// </summary>
internal sealed class LogoutDelivery(LogoutTokens tokens, ClientStore clients, OidcOptions options, TimeProvider clock) : IOutboxDelivery, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient http = new(Handler(options)) { Timeout = Timeout.InfiniteTimeSpan };

    public string Kind => LogoutMessages.Kind;

    public OutboxPace Pace { get; } = new(
        32,
        TimeSpan.FromSeconds(30),
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)]);

    public async Task DeliverAsync(string payload, CancellationToken cancellationToken)
    {
        var message = LogoutMessage.Read(payload);
        if (await clients.FindAsync(message.ClientId) is not { BackchannelLogoutUri: { } uri } client)
        {
            throw new DeliveryFailedException("the app is disabled or gone, or has no address for it any more", DeliveryFailure.Refused);
        }

        if (OutboundAddresses.Problem(uri, options.AllowLoopbackFetches, inside: true) is not null)
        {
            throw new DeliveryFailedException("the address is not one that this server calls", DeliveryFailure.Refused);
        }

        // Made for this attempt: an old one would have expired.
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("logout_token", await tokens.IssueAsync(client, message))]);
        Judge(await PostAsync(uri, content, cancellationToken));
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpStatusCode> PostAsync(string uri, HttpContent content, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.StatusCode;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new DeliveryFailedException($"no answer within {Patience.TotalSeconds} seconds", DeliveryFailure.NoAnswer);
        }
        catch (HttpRequestException error)
        {
            throw new DeliveryFailedException(error.InnerException is FetchException refused ? refused.Message : Words(error.HttpRequestError), DeliveryFailure.Failed);
        }
    }

    private static SocketsHttpHandler Handler(OidcOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 4 * 1024,
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(100),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        // An admin has named the address, so it may be inside the organization's networks.
        ConnectCallback = (context, cancellation) => JudgedConnection.OpenAsync(context.DnsEndPoint, address => OutboundAddresses.IsAllowed(address, options.AllowLoopbackFetches, inside: true), cancellation),
    };

    /// <summary>Section 2.8: 200, by some frameworks 204; 400 says that the client read it and refuses it.</summary>
    private static void Judge(HttpStatusCode status)
    {
        if (status is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
        {
            throw new DeliveryFailedException($"answered with status {(int)status}", status is HttpStatusCode.BadRequest ? DeliveryFailure.Refused : DeliveryFailure.Failed);
        }
    }

    private static string Words(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "the name was not found",
        HttpRequestError.ConnectionError => "no connection",
        HttpRequestError.SecureConnectionError => "the certificate was not accepted",
        _ => "the answer could not be read",
    };
}
