using System.Net;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.RevocationFeed;

/// <summary>A gateway as far as the feed knows it: a client with the rule, that asks or follows.</summary>
internal sealed class FeedReader(OidcApp app)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public OidcApp App { get; } = app;

    public static async Task<FeedReader> RegisterAsync(SsoServer server) => new(await OidcApp.RegisterAsync(server, client =>
    {
        client.Kind = ClientKind.Service;
        client.GrantTypes = [ClientGrant.ClientCredentials];
        client.RedirectUris = [];
        client.PostLogoutRedirectUris = [];
        client.Scopes = [];
        client.Rules = [ClientRule.ReadRevocations];
    }));

    public async Task<JsonAnswer> PollAsync(SsoServer server, string query = "") => await JsonAnswer.ReadAsync(await Client.SendAsync(Request(server, query), TestContext.Current.CancellationToken));

    /// <summary>Everything from a number on, as kind and value.</summary>
    public async Task<IReadOnlyList<FeedEvent>> EventsAsync(SsoServer server, long after = 0)
    {
        var answer = await PollAsync(server, $"?after={after}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString());
        return answer.Body.GetProperty("events").EnumerateArray().Select(FeedEvent.Of).ToList();
    }

    public async Task<FeedStream> FollowAsync(SsoServer server, string query = "", string? lastEventId = null)
    {
        var response = await OpenAsync(server, query, lastEventId);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new FeedStream(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    public Task<HttpResponseMessage> OpenAsync(SsoServer server, string query = "", string? lastEventId = null)
    {
        var request = Request(server, query);
        request.Headers.Add("Accept", "text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private HttpRequestMessage Request(SsoServer server, string query)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/connect/revocations" + query));
        request.Headers.Authorization = OidcFlow.BasicOf(App.ClientId, App.Secret!);
        return request;
    }
}

/// <summary>One row of the feed.</summary>
internal sealed record FeedEvent(long Seq, string Kind, string Value, long At, long ForgetAfter)
{
    public static FeedEvent Of(JsonElement row) => new(
        row.GetProperty("seq").GetInt64(),
        row.GetProperty("kind").GetString()!,
        row.GetProperty("value").GetString()!,
        row.GetProperty("at").GetInt64(),
        row.GetProperty("forget_after").GetInt64());
}

/// <summary>An open stream of server-sent events.</summary>
internal sealed class FeedStream(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly StreamReader reader = new(stream);

    /// <summary>The next event as its name, id and data; a heartbeat is named <c>:</c>. Null at the end.</summary>
    public async Task<(string Name, string Id, string Data)?> NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        var (name, id, data) = ("", "", "");
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length == 0)
            {
                return (name, id, data);
            }

            var (field, value) = line.StartsWith(':') ? (":", "") : (line.Split(": ", 2)[0], line.Split(": ", 2)[1]);
            (name, id, data) = field switch
            {
                ":" => (":", id, data),
                "event" => (value, id, data),
                "id" => (name, value, data),
                _ => (name, id, value),
            };
        }

        return null;
    }

    /// <summary>The next row; anything else fails the test.</summary>
    public async Task<FeedEvent> RowAsync()
    {
        var next = await NextAsync();
        Assert.Equal("revocation", next?.Name);
        var row = FeedEvent.Of(JsonDocument.Parse(next!.Value.Data).RootElement);
        Assert.Equal(next.Value.Id, row.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return row;
    }

    public async Task ExpectAsync(string name, long id)
    {
        var next = await NextAsync();
        Assert.Equal((name, id.ToString(System.Globalization.CultureInfo.InvariantCulture)), (next?.Name, next?.Id));
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
