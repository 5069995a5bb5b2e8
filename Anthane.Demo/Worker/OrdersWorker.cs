using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Anthane.Demo.Worker;

/// <summary>
/// A service that calls the same API in its own name, with nobody signed in: it gets a token by client credentials,
/// uses it until shortly before its end, and asks the gateway for its orders every so often.
/// </summary>
internal sealed class OrdersWorker(HttpClient http, DemoAddresses addresses, TimeProvider clock, ILogger<OrdersWorker> log) : BackgroundService
{
    private const string ClientId = "orders-worker";
    private const string ClientSecret = "orders-worker-development-secret-0001";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(60);
    private string? token;
    private DateTimeOffset tokenEnds;

    public static IHost Build(DemoAddresses addresses)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        DemoLogging.Apply(builder.Logging, builder.Services);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(addresses);
        builder.Services.AddSingleton(new HttpClient { Timeout = TimeSpan.FromSeconds(10) });
        builder.Services.AddHostedService<OrdersWorker>();
        return builder.Build();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                log.LogInformation("worker: {Result}", await CallAsync(stoppingToken));
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("worker: could not reach SSO or gateway, will try again: {Reason}", e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<string> CallAsync(CancellationToken cancellationToken)
    {
        if (token is null || clock.GetUtcNow() >= tokenEnds)
        {
            await GetTokenAsync(cancellationToken);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, addresses.Gateway + "/orders");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
        {
            // It may have been ended before its time; the next round asks for a new one.
            token = null;
        }

        return answer.IsSuccessStatusCode
            ? $"GET /orders answered {(await answer.Content.ReadFromJsonAsync<JsonArray>(cancellationToken))!.Count} orders"
            : $"GET /orders answered {(int)answer.StatusCode}";
    }

    private async Task GetTokenAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, addresses.Sso + "/connect/token");
        request.Headers.Authorization = BasicCredentials(ClientId, ClientSecret);
        request.Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", "orders.read orders.write")]);
        using var answer = await http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        token = (string?)body!["access_token"];
        tokenEnds = clock.GetUtcNow() + TimeSpan.FromSeconds((int)body["expires_in"]! - 30);
    }

    // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    private static AuthenticationHeaderValue BasicCredentials(string id, string secret) =>
        new("Basic", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}")));
}
