using System.Net;

namespace Anthane.Oidc.Outbound;

/// <summary>A JSON document from elsewhere, and how long its sender lets it be kept; null when that was not said.</summary>
internal sealed record FetchedDocument(byte[] Bytes, TimeSpan? MaxAge);

/// <summary>The document could not be had. The message is for the log and says why; whoever caused the fetch is not told.</summary>
internal sealed class FetchException(string message) : Exception(message);

/// <summary>
/// Fetches JSON documents from addresses that clients have named. Strangers may have chosen those, so nothing about a fetch
/// is theirs to stretch: the name is resolved and judged, the connection goes to the judged address, redirects and proxies
/// are not followed, and time and size are bounded.
/// </summary>
internal sealed class SafeFetch(OidcOptions options, TimeProvider clock) : IDisposable
{
    public const int MostBytes = 256 * 1024;
    public static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);
    private readonly HttpClient http = new(Handler(options)) { Timeout = Timeout.InfiniteTimeSpan };

    /// <param name="url">Where it is.</param>
    /// <param name="mostBytes">How large it may be.</param>
    /// <exception cref="FetchException">There is no such document to be had.</exception>
    public async Task<FetchedDocument> GetJsonAsync(string url, int mostBytes = MostBytes)
    {
        if (OutboundAddresses.Problem(url, options.AllowLoopbackFetches) is { } problem)
        {
            throw new FetchException(problem);
        }

        using var limit = new CancellationTokenSource(LongestFetch, clock);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Accept.ParseAdd("application/json, application/jwk-set+json");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return await ReadAsync(response, mostBytes, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new FetchException($"no complete answer within {LongestFetch.TotalSeconds:0} s");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new FetchException(broken.InnerException is FetchException refused ? refused.Message : broken.Message);
        }
    }

    public void Dispose() => http.Dispose();

    private static async Task<FetchedDocument> ReadAsync(HttpResponseMessage response, int mostBytes, CancellationToken cancellation)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new FetchException($"the answer is {(int)response.StatusCode}");
        }

        if (response.Content.Headers.ContentType?.MediaType is not { } type || !(type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal)))
        {
            throw new FetchException("the answer is not JSON by its Content-Type");
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[mostBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length > mostBytes
            ? throw new FetchException($"the answer is larger than {mostBytes / 1024} KiB")
            : new FetchedDocument(buffer[..length], Freshness(response));
    }

    /// <summary>RFC 9111 section 4.2: max-age before Expires, less the time that it lay in caches on the way.</summary>
    private static TimeSpan? Freshness(HttpResponseMessage response)
    {
        var cache = response.Headers.CacheControl;
        return cache is { NoStore: true } or { NoCache: true } ? null
            : (cache?.MaxAge ?? (response.Content.Headers.Expires - response.Headers.Date)) - (response.Headers.Age ?? TimeSpan.Zero);
    }

    private static SocketsHttpHandler Handler(OidcOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = LongestFetch,
        MaxResponseHeadersLength = 16,
        ActivityHeadersPropagator = null,
        // A connection is for one fetch: the next one judges its address anew.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = (context, cancellation) => JudgedConnection.OpenAsync(context.DnsEndPoint, address => OutboundAddresses.IsAllowed(address, options.AllowLoopbackFetches), cancellation),
    };
}
