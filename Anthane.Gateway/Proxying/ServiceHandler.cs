using Polly.CircuitBreaker;

namespace Anthane.Gateway.Proxying;

/// <summary>
/// Sends a request up to the head of its answer: within the service's timeout, through the circuit of its host, and once more elsewhere when
/// nothing can have come of it. What follows the head belongs to the caller and is not judged here.
/// </summary>
internal sealed class ServiceHandler(HttpMessageInvoker pool, TimeProvider clock) : HttpMessageHandler
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.TryGetValue(Exchange.Key, out var found);
        var exchange = found!;
        var mayRepeat = request.Content is null && (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Options);
        while (true)
        {
            try
            {
                var response = await SendThroughCircuitAsync(request, exchange, cancellationToken);
                if (!mayRepeat || exchange.Service.Settings.Retry?.IsFor(response.StatusCode) != true || !exchange.TryMoveOn())
                    return response;
                response.Dispose();
            }
            catch (Exception failed) when (mayRepeat && failed is HttpRequestException or BrokenCircuitException && exchange.TryMoveOn())
            {
                // Told by what comes of the next attempt.
            }

            request.RequestUri = new Uri(exchange.Prefix + exchange.Target, AsWritten);
        }
    }

    private ValueTask<HttpResponseMessage> SendThroughCircuitAsync(HttpRequestMessage request, Exchange exchange, CancellationToken cancellation) =>
        exchange.Host!.Breaker is { } breaker
            ? breaker.SendAsync(static (call, token) => call.Handler.SendOnceAsync(call.Request, call.Exchange, token), (Handler: this, Request: request, Exchange: exchange), cancellation)
            : SendOnceAsync(request, exchange, cancellation);

    private async ValueTask<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, Exchange exchange, CancellationToken cancellation)
    {
        var host = exchange.Host!;
        using var limit = exchange.Service.Settings.Timeout is { } timeout ? new CancellationTokenSource(timeout, clock) : null;
        using var either = limit is null ? null : CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var response = await pool.SendAsync(request, either?.Token ?? cancellation);
            host.Report((int)response.StatusCode is 502 or 503 or 504);
            return response;
        }
        catch (OperationCanceledException late) when (!exchange.IsAbandoned)
        {
            host.Report(isFailure: true);
            throw new TimeoutException("the head of the answer did not come in time", late);
        }
        catch (HttpRequestException failed) when (IsCallers(failed, exchange))
        {
            // It says nothing about the host.
            throw new OperationCanceledException("the request could not be read to its end", failed);
        }
        catch (HttpRequestException)
        {
            host.Report(isFailure: true);
            throw;
        }
    }

    private static bool IsCallers(Exception failed, Exchange exchange)
    {
        for (var inner = failed; inner is not null; inner = inner.InnerException!)
        {
            if (inner is BadHttpRequestException)
                return true;
        }

        return exchange.IsAbandoned;
    }
}
