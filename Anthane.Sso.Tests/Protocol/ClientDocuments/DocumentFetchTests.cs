using System.Net;
using System.Text.Json.Nodes;
using Anthane.Oidc;
using Anthane.Oidc.ClientDocuments;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.ClientDocuments;

/// <summary>How often documents are fetched: once for many, again when their time is over, and never at the beck of strangers.</summary>
public sealed class DocumentFetchTests : IAsyncLifetime
{
    private readonly DocumentHost host = new();
    private SsoServer server = null!;

    public async ValueTask InitializeAsync() => server = await SsoServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Fifty_first_requests_at_once_share_one_fetch()
    {
        host.Gate = new TaskCompletionSource();
        var asked = Enumerable.Range(0, 50).Select(_ => new OidcFlow(server, host.App).AuthorizeAsync()).ToList();
        while (host.Hits == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        host.Gate.SetResult();
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal("/account/login", answer.Headers.Location!.AbsolutePath));
        Assert.Equal(1, host.Hits);
    }

    [Theory]
    [InlineData("Cache-Control: max-age=3600", 3599, 3601)]
    [InlineData("Cache-Control: max-age=3600\r\nAge: 1200", 2399, 2401)]
    [InlineData("Date: Wed, 01 Jan 2025 00:00:00 GMT\r\nExpires: Wed, 01 Jan 2025 01:00:00 GMT", 3599, 3601)]
    [InlineData("Cache-Control: max-age=1", 299, 301)]
    [InlineData("Cache-Control: no-store", 299, 301)]
    [InlineData("Cache-Control: no-cache, max-age=3600", 299, 301)]
    [InlineData("Cache-Control: max-age=31536000", 86399, 86401)]
    [InlineData("X-Nothing: said", 299, 301)]
    public async Task A_document_is_kept_as_long_as_its_sender_says_within_five_minutes_and_a_day(string header, int kept, int over)
    {
        host.Header = header;
        Assert.True(await WorksAsync());
        server.Clock.Advance(TimeSpan.FromSeconds(kept));
        Assert.True(await WorksAsync());
        Assert.Equal(1, host.Hits);
        server.Clock.Advance(TimeSpan.FromSeconds(over - kept));
        Assert.True(await WorksAsync());
        Assert.Equal(2, host.Hits);
    }

    [Fact]
    public async Task A_failure_is_remembered_for_half_a_minute_and_never_taken_for_a_document()
    {
        host.Status = "503 Busy";
        Assert.False(await WorksAsync());
        host.Status = "200 OK";
        Assert.False(await WorksAsync());
        Assert.Equal(1, host.Hits);
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True(await WorksAsync());
        Assert.Equal(2, host.Hits);
    }

    [Fact]
    public async Task When_a_document_cannot_be_had_the_last_good_one_counts_for_a_day_at_most()
    {
        Assert.True(await WorksAsync());
        host.Status = "500 Error";
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.True(await WorksAsync());
        Assert.Equal(2, host.Hits);
        server.Clock.Advance(TimeSpan.FromHours(24));
        Assert.False(await WorksAsync());
    }

    [Fact]
    public async Task A_document_that_has_changed_counts_as_it_is_now_at_once_when_it_is_read_again()
    {
        var flow = new OidcFlow(server, host.App);
        var tokens = await flow.TokensAsync();
        host.Document["redirect_uris"] = new JsonArray("https://elsewhere.example/callback");
        Assert.True(await WorksAsync());
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.False(await WorksAsync());
        var moved = new OidcFlow(server, host.App with { RedirectUri = "https://elsewhere.example/callback" }, flow.Browser);
        await moved.TokensAsync();

        host.Document["client_id"] = "https://somebody.example/else";
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("invalid_client", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.Equal(HttpStatusCode.BadRequest, (await moved.AuthorizeAsync()).StatusCode);
    }

    [Fact]
    public async Task A_document_that_changes_between_the_request_and_the_answer_sends_nobody_to_an_address_that_it_does_not_name_any_more()
    {
        var flow = await server.SignedInAsync(host.App);
        var consent = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        host.Document["redirect_uris"] = new JsonArray("https://elsewhere.example/callback");
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        var answer = await flow.Browser.FollowAsync(await flow.Browser.ClickAsync(consent, "#accept"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task AD_08_one_address_causes_so_many_fetches_in_a_minute_and_no_more()
    {
        var limits = Limited();
        limits.MostFetchesPerAddress = 5;
        limits.MostFetchesPerHost = 100;
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 8; i++)
        {
            answers.Add(await AskAsync($"/other-{i}.json"));
        }

        Assert.Equal(5, host.Hits);
        Assert.All(answers.Take(5), answer => Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode));
        Assert.All(answers.Skip(5), answer => Assert.Equal((HttpStatusCode.TooManyRequests, 60), (answer.StatusCode, (int)answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds)));
        var id = answers[^1].Headers.GetValues("X-Support-Id").Single();
        Assert.Contains(server.Logs, line => line.Contains(id, StringComparison.Ordinal) && line.Contains("too many client documents were asked for from this address", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.SeeOther, (await AskAsync("/other-1.json")).StatusCode);
        Assert.Equal(5, server.Get<DocumentClients>().Count);
        var token = await server.PostFormAsync("/connect/token", ("grant_type", "authorization_code"), ("code", "x"), ("client_id", host.Url + "/other-9.json"));
        Assert.Equal(HttpStatusCode.TooManyRequests, token.Status);
        server.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.SeeOther, (await AskAsync("/other-9.json")).StatusCode);
    }

    [Fact]
    public async Task AD_08_one_host_is_called_so_often_in_a_minute_whoever_asks()
    {
        var limits = Limited();
        limits.MostFetchesPerAddress = 100;
        limits.MostFetchesPerHost = 3;
        for (var i = 0; i < 6; i++)
        {
            var answer = await AskAsync($"/other-{i}.json");
            Assert.Equal(i < 3 ? HttpStatusCode.SeeOther : HttpStatusCode.TooManyRequests, answer.StatusCode);
        }

        Assert.Equal(3, host.Hits);
    }

    [Fact]
    public async Task AD_08_only_so_many_fetches_are_open_at_once()
    {
        server.Get<OidcOptions>().ClientDocuments.MostFetchesAtOnce = 2;
        host.Gate = new TaskCompletionSource();
        Task<HttpResponseMessage>[] open = [AskAsync("/a.json"), AskAsync("/b.json")];
        while (host.Hits < 2)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync("/c.json")).StatusCode);
        host.Gate.SetResult();
        Assert.All(await Task.WhenAll(open), answer => Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode));
        Assert.Equal(HttpStatusCode.SeeOther, (await AskAsync("/c.json")).StatusCode);
    }

    [Fact]
    public async Task AD_08_memory_for_documents_has_an_end_and_the_one_in_use_stays()
    {
        var documents = server.Get<DocumentClients>();
        Assert.True(await WorksAsync());
        host.Status = "404 Not Found";
        for (var i = 0; i < DocumentClients.MostDocuments + 50; i++)
        {
            server.Clock.Advance(TimeSpan.FromMilliseconds(10));
            Assert.True((await documents.FindAsync($"{host.Url}/junk-{i}.json", null)).Failed(out _, out _));
            Assert.False((await documents.FindAsync(host.ClientId, null)).Failed(out _, out _));
        }

        Assert.Equal(DocumentClients.MostDocuments, documents.Count);
    }

    private async Task<bool> WorksAsync() => (await new OidcFlow(server, host.App).AuthorizeAsync()).StatusCode == HttpStatusCode.SeeOther;

    private Task<HttpResponseMessage> AskAsync(string path) => new OidcFlow(server, host.App with { ClientId = host.Url + path }).AuthorizeAsync();

    /// <summary>Development does not count loopback addresses; here they count.</summary>
    private ClientDocumentOptions Limited()
    {
        server.Get<OidcOptions>().Pending.ExemptLoopback = false;
        return server.Get<OidcOptions>().ClientDocuments;
    }
}
