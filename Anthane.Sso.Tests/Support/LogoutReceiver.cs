using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Support;

/// <summary>One POST as it arrived.</summary>
/// <param name="Path">The path and query.</param>
/// <param name="ContentType">Its content type.</param>
/// <param name="Body">Its body.</param>
public sealed record ReceivedPost(string Path, string? ContentType, string Body)
{
    /// <summary>The logout token; the test fails when there is anything else in the form.</summary>
    public string Token => Body.StartsWith("logout_token=", StringComparison.Ordinal) && !Body.Contains('&', StringComparison.Ordinal)
        ? Body["logout_token=".Length..]
        : throw new InvalidOperationException($"not a logout token alone: {Body}");
}

/// <summary>Relying parties on loopback, one per path: they write down what comes and answer as the test says.</summary>
public sealed class LogoutReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping = new();

    private LogoutReceiver(WebApplication app, string address) => (this.app, Address) = (app, address);

    /// <summary>Without a trailing slash.</summary>
    public string Address { get; }

    /// <summary>What came so far, in order.</summary>
    public ConcurrentQueue<ReceivedPost> Received { get; } = new();

    /// <summary>How a path answers; null hangs until the receiver ends. Every path answers 200 until told otherwise.</summary>
    public ConcurrentDictionary<string, HttpStatusCode?> Answers { get; } = new(StringComparer.Ordinal);

    public static async Task<LogoutReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var address = $"http://localhost:{FreePorts.Take(1)[0]}";
        builder.WebHost.UseKestrelCore().UseUrls(address);
        builder.Logging.ClearProviders();
        var receiver = new LogoutReceiver(builder.Build(), address);
        receiver.app.Run(receiver.HandleAsync);
        await receiver.app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public IEnumerable<ReceivedPost> At(string path) => Received.Where(post => post.Path == path);

    /// <summary>Waits until so many came to the path.</summary>
    public async Task<IReadOnlyList<ReceivedPost>> WaitAsync(string path, int count = 1)
    {
        await Until.TrueAsync(() => At(path).Count() >= count, $"{count} posts to {path}");
        return At(path).ToList();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        var path = http.Request.Path + http.Request.QueryString;
        using var reader = new StreamReader(http.Request.Body);
        Received.Enqueue(new ReceivedPost(path, http.Request.ContentType, await reader.ReadToEndAsync(stopping.Token)));
        if (!Answers.TryGetValue(path, out var status))
        {
            status = HttpStatusCode.OK;
        }

        if (status is null)
        {
            await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        http.Response.StatusCode = (int)status;
        if (status is HttpStatusCode.Redirect or HttpStatusCode.TemporaryRedirect)
        {
            http.Response.Headers.Location = Address + "/elsewhere";
        }
    }
}
