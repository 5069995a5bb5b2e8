using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>
/// Fetches the discovery document and the keys of an issuer (OpenID Connect Discovery §4). An answer is bounded in time and size, a redirect is
/// not followed, and the keys come from the issuer's own origin or from where the settings say, since they decide whose tokens are believed.
/// </summary>
internal sealed class MetadataClient(TimeProvider clock) : IDisposable
{
    private const int LargestDocument = 256 * 1024;
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = LongestFetch,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ActivityHeadersPropagator = null,
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <exception cref="MetadataException">The documents could not be had or not be believed.</exception>
    public async Task<KeySet> FetchKeysAsync(IssuerSettings issuer, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LongestFetch, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var document = await GetAsync(issuer.MetadataAddress, linked.Token);
            var keysAddress = KeysAddress(issuer, document);
            return KeySet.Parse(await GetAsync(keysAddress, linked.Token), clock.GetUtcNow());
        }
        catch (HttpRequestException unreachable)
        {
            throw new MetadataException(unreachable.Message);
        }
        catch (IOException broken)
        {
            throw new MetadataException(broken.Message);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new MetadataException($"no complete answer within {LongestFetch.TotalSeconds:0} s");
        }
    }

    public void Dispose() => http.Dispose();

    private static Uri KeysAddress(IssuerSettings issuer, byte[] document)
    {
        try
        {
            using var json = StrictJson.ReadObject(document);
            var name = json.RootElement.Text("issuer");
            if (!string.Equals(name, issuer.Authority, StringComparison.Ordinal))
                throw new MetadataException($"the discovery document is of issuer {LogText.Of(name)}, and the settings name {issuer.Authority}");
            if (issuer.JwksAddress is not null)
                return issuer.JwksAddress;
            if (!Uri.TryCreate(json.RootElement.Text("jwks_uri"), UriKind.Absolute, out var keys) || !IsOwnOrigin(keys, issuer))
                throw new MetadataException($"its jwks_uri {LogText.Of(json.RootElement.Text("jwks_uri"))} is not at the issuer's own address; set JwksAddress if that is meant");
            return keys;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            throw new MetadataException("the discovery document is not acceptable JSON");
        }
    }

    private static bool IsOwnOrigin(Uri keys, IssuerSettings issuer)
    {
        var origin = keys.GetLeftPart(UriPartial.Authority);
        return keys.UserInfo.Length == 0
            && (origin == new Uri(issuer.Authority).GetLeftPart(UriPartial.Authority) || origin == issuer.MetadataAddress.GetLeftPart(UriPartial.Authority));
    }

    private async Task<byte[]> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        // A cache on the way would keep a withdrawn key in force for as long as the document says that it may.
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new MetadataException($"{address} answered {(int)response.StatusCode}");
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[LargestDocument + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length > LargestDocument ? throw new MetadataException($"{address} answered more than {LargestDocument / 1024} KiB") : buffer[..length];
    }
}
