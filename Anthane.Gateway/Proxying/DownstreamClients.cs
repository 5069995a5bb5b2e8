using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Proxying;

/// <summary>
/// The connections to services: one pool for all routes that ask for the same handling, kept when the routes are read anew. Nothing that one
/// caller could leave behind for another is in it: no cookies, no credentials.
/// </summary>
internal sealed class DownstreamClients : IDisposable
{
    private readonly ConcurrentDictionary<HandlerOptions, Lazy<HttpMessageInvoker>> pools = new();

    public HttpMessageInvoker For(HandlerOptions options) => pools.GetOrAdd(options, static key => new Lazy<HttpMessageInvoker>(() => Create(key))).Value;

    public void Dispose()
    {
        foreach (var pool in pools.Values.Where(pool => pool.IsValueCreated))
            pool.Value.Dispose();
    }

    private static HttpMessageInvoker Create(HandlerOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = options.UseProxy,
            AllowAutoRedirect = options.AllowAutoRedirect,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            MaxConnectionsPerServer = options.MaxConnectionsPerServer,
            PooledConnectionLifetime = options.PooledConnectionLifetime,

            // Bytes pass as they came; see ServerLimits.
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        };
#pragma warning disable CA5359 // The setting says that it is dangerous, and a start in Production refuses it unless it is allowed by name.
        if (options.AcceptAnyServerCertificate)
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return new HttpMessageInvoker(handler);
    }
}
