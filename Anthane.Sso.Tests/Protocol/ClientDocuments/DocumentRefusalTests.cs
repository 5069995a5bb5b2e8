using System.Net;
using System.Text.Json.Nodes;
using Anthane.Oidc;
using Anthane.Oidc.ClientDocuments;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.ClientDocuments;

/// <summary>Which addresses are never called, and which documents count for nothing (AD-08). Whoever asks is told the same whatever the reason.</summary>
public sealed class DocumentRefusalTests(SsoFixture fixture) : IClassFixture<SsoFixture>, IAsyncDisposable
{
    private readonly DocumentHost host = new();
    private readonly SsoServer server = fixture.Server;

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("https://agents.example.com/a.json", null)]
    [InlineData("https://agents.example.com:8443/deep/a.json", null)]
    [InlineData("http://agents.example.com/a.json", "")]
    [InlineData("https://agents.example.com", "no path")]
    [InlineData("https://agents.example.com/", "no path")]
    [InlineData("https://agents.example.com/a.json?v=1", "query")]
    [InlineData("https://agents.example.com/a.json?", "query")]
    [InlineData("https://agents.example.com/a.json#x", "fragment")]
    [InlineData("https://agents.example.com/a.json#", "fragment")]
    [InlineData("https://user@agents.example.com/a.json", "user name")]
    [InlineData("https://user:pw@agents.example.com/a.json", "user name")]
    [InlineData("https://agents.example.com/../a.json", "segments")]
    [InlineData("https://agents.example.com/./a.json", "segments")]
    [InlineData("https://agents.example.com/%2e%2e/a.json", "segments")]
    [InlineData("https://agents.example.com/x%2F..%2Fa.json", "segments")]
    [InlineData("https://agents.example.com\\a.json", "")]
    [InlineData("HTTPS://agents.example.com/a.json", "lower case")]
    [InlineData("https://Agents.example.com/a.json", "lower case")]
    [InlineData("https://agents.example.com./a.json", "plain name")]
    [InlineData("https://agents/a.json", "plain name")]
    [InlineData("https://agents.example.com:22/a.json", "port")]
    [InlineData("https://93.184.216.34/a.json", "plain name")]
    [InlineData("https://10.0.0.1/a.json", "public internet")]
    [InlineData("https://169.254.169.254/latest/meta-data", "public internet")]
    [InlineData("https://0.0.0.0/a.json", "public internet")]
    [InlineData("https://[::1]/a.json", "public internet")]
    [InlineData("https://[::ffff:7f00:1]/a.json", "")]
    [InlineData("https://2130706433/a.json", "")]
    [InlineData("https://0x7f.1/a.json", "")]
    [InlineData("https://127.0.0.1/a.json", "public internet")]
    [InlineData("https://localhost/a.json", "public internet")]
    [InlineData("https://ägents.example.com/a.json", "ASCII")]
    [InlineData("gopher://agents.example.com/a.json", "")]
    [InlineData("file:///etc/passwd", "")]
    [InlineData("javascript://agents.example.com/%0aalert(1)", "")]
    public void AD_08_only_a_plain_public_https_address_with_a_path_can_be_a_client_id(string url, string? problem)
    {
        var found = DocumentUrl.Problem(url, loopbackFetches: false);
        Assert.Equal(problem is null, found is null);
        Assert.Contains(problem ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_id_has_a_longest_length_and_loopback_counts_only_where_it_is_allowed()
    {
        Assert.Null(DocumentUrl.Problem("https://a.example/" + new string('a', 482), false));
        Assert.NotNull(DocumentUrl.Problem("https://a.example/" + new string('a', 483), false));
        Assert.Null(DocumentUrl.Problem(host.ClientId, loopbackFetches: true));
        Assert.NotNull(DocumentUrl.Problem(host.ClientId, loopbackFetches: false));
        Assert.NotNull(DocumentUrl.Problem("http://192.168.0.1/a.json", loopbackFetches: true));
    }

    [Theory]
    [InlineData("/agent.json?x=1")]
    [InlineData("/")]
    [InlineData("/./agent.json")]
    [InlineData("/agent.json#x")]
    public async Task AD_08_an_address_that_is_no_client_id_is_shown_as_unknown_and_never_called(string rest)
    {
        await RefusedAsync(host.Url + rest, "is no address of a document");
        Assert.Equal(0, host.Hits);
    }

    [Theory]
    [InlineData("client_id", "\"http://127.0.0.1:1/agent.json\"", "not the address")]
    [InlineData("client_id", null, "not the address")]
    [InlineData("client_id", "[]", "not the address")]
    [InlineData("client_secret", "\"s\"", "client_secret")]
    [InlineData("client_secret", "null", "client_secret")]
    [InlineData("client_secret_expires_at", "0", "client_secret")]
    [InlineData("token_endpoint_auth_method", "\"client_secret_basic\"", "none or private_key_jwt")]
    [InlineData("token_endpoint_auth_method", "\"client_secret_post\"", "none or private_key_jwt")]
    [InlineData("token_endpoint_auth_method", "\"client_secret_jwt\"", "none or private_key_jwt")]
    [InlineData("token_endpoint_auth_method", "\"tls_client_auth\"", "none or private_key_jwt")]
    [InlineData("token_endpoint_auth_method", "\"private_key_jwt\"", "public keys")]
    [InlineData("token_endpoint_auth_method", "7", "none or private_key_jwt")]
    [InlineData("redirect_uris", null, "redirect_uris")]
    [InlineData("redirect_uris", "[]", "redirect_uris")]
    [InlineData("redirect_uris", "\"https://agent.example/callback\"", "redirect_uris")]
    [InlineData("redirect_uris", "[\"http://agent.example/callback\"]", "redirect_uris")]
    [InlineData("redirect_uris", "[\"javascript:alert(1)\"]", "redirect_uris")]
    [InlineData("redirect_uris", "[\"https://*.agent.example/callback\"]", "redirect_uris")]
    [InlineData("grant_types", "[\"client_credentials\"]", "grant_types")]
    [InlineData("grant_types", "[]", "grant_types")]
    [InlineData("response_types", "[\"token\"]", "response_types")]
    [InlineData("client_name", "\"Alice\\u202ebank\"", "client_name")]
    [InlineData("client_name", "5", "client_name")]
    [InlineData("jwks_uri", "\"http://10.0.0.1/jwks\"", "jwks_uri")]
    [InlineData("jwks_uri", "\"file:///etc/passwd\"", "jwks_uri")]
    [InlineData("policy_uri", "\"javascript:alert(1)\"", "policy_uri")]
    [InlineData("id_token_signed_response_alg", "\"ES256\"", "id_token_signed_response_alg")]
    [InlineData("id_token_signed_response_alg", "\"none\"", "id_token_signed_response_alg")]
    public async Task AD_08_a_document_that_breaks_a_rule_makes_no_client(string member, string? value, string reason)
    {
        host.Document.Remove(member);
        if (value is not null)
        {
            host.Document[member] = JsonNode.Parse(value);
        }

        await RefusedAsync(host.ClientId, reason, whole: value == "null" ? host.Document.ToJsonString() : null);
    }

    [Fact]
    public async Task AD_08_a_document_cannot_write_lines_of_its_own_into_the_log()
    {
        host.Document["redirect_uris"] = new JsonArray("https://agent.example/\nInformation: alice signed in");
        await RefusedAsync(host.ClientId, "?Information: alice signed in");
        Assert.DoesNotContain(server.Logs, line => line.Contains("\nInformation: alice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AD_08_a_document_with_a_private_key_makes_no_client()
    {
        host.Document["token_endpoint_auth_method"] = "private_key_jwt";
        var jwks = JsonNode.Parse(SigningClient.Jwks(TestKey.Ec("a")))!;
        jwks["keys"]![0]!["d"] = "AAAA";
        host.Document["jwks"] = jwks;
        await RefusedAsync(host.ClientId, "jwks");
    }

    [Theory]
    [InlineData("404 Not Found", "application/json", null, "the answer is 404")]
    [InlineData("301 Moved Permanently\r\nLocation: http://127.0.0.1:9/", "application/json", null, "the answer is 301")]
    [InlineData("302 Found\r\nLocation: /agent.json", "application/json", null, "the answer is 302")]
    [InlineData("500 Error", "application/json", null, "the answer is 500")]
    [InlineData("201 Created", "application/json", null, "the answer is 201")]
    [InlineData("200 OK", "text/html", null, "not JSON by its Content-Type")]
    [InlineData("200 OK", "application/json", "<html>", "no JSON object")]
    [InlineData("200 OK", "application/json", "[]", "no JSON object")]
    [InlineData("200 OK", "application/json", "{\"client_id\":\"a\",\"client_id\":\"b\"}", "no JSON object")]
    [InlineData("200 OK", "application/json", "huge", "larger than 5 KiB")]
    public async Task AD_08_what_is_no_document_makes_no_client_and_redirects_are_not_followed(string status, string type, string? body, string reason)
    {
        (host.Status, host.ContentType) = (status, type);
        await RefusedAsync(host.ClientId, reason, body == "huge" ? $"{{\"client_id\":\"{host.ClientId}\",\"x\":\"{new string('x', 5 * 1024)}\"}}" : body);
        Assert.Equal(1, host.Hits);
    }

    [Fact]
    public async Task AD_08_a_host_that_hangs_is_left_after_five_seconds()
    {
        host.Gate = new TaskCompletionSource();
        var waiting = new OidcFlow(server, host.App).AuthorizeAsync();
        while (host.Hits == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        server.Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(HttpStatusCode.BadRequest, (await waiting).StatusCode);
        Assert.Contains(server.Logs, line => line.Contains("no complete answer within 5 s", StringComparison.Ordinal));
        host.Gate.SetResult();
    }

    [Fact]
    public async Task AD_08_a_host_that_drips_is_left_after_five_seconds()
    {
        await using var dripping = new RawServer();
        var done = new TaskCompletionSource();
        dripping.Answer = async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray());
            await done.Task;
            return false;
        };
        var waiting = new OidcFlow(server, host.App with { ClientId = dripping.Url + "/agent.json" }).AuthorizeAsync();
        while (dripping.Hits == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        server.Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(HttpStatusCode.BadRequest, (await waiting).StatusCode);
        done.SetResult();
    }

    [Fact]
    public async Task AD_08_a_name_that_leads_to_a_private_address_is_refused_when_it_is_connected_to()
    {
        await using var strict = await SsoServer.StartAsync();
        strict.Get<OidcOptions>().AllowLoopbackFetches = false;
        // What this machine is called leads to itself; as a client_id it would have to be a name with a dot, which the resolver answers no other way.
        var fetched = await Assert.ThrowsAsync<Oidc.Outbound.FetchException>(() => strict.Get<Oidc.Outbound.SafeFetch>().GetJsonAsync($"https://{Dns.GetHostName()}:{host.Port}/agent.json"));
        Assert.Contains("no address that may be called", fetched.Message, StringComparison.Ordinal);
        await RefusedAsync(host.ClientId, "is no address of a document", at: strict);
        Assert.Equal(0, host.Hits);
    }

    [Fact]
    public async Task An_address_as_client_id_is_unknown_and_not_called_unless_documents_are_turned_on()
    {
        await using var off = await SsoServer.StartAsync(new() { DemoSeed = false });
        Assert.Equal(HttpStatusCode.BadRequest, (await new OidcFlow(off, host.App).AuthorizeAsync()).StatusCode);
        Assert.Equal("invalid_client", (await new OidcFlow(off, host.App).RedeemAsync("x")).Error);
        Assert.False((await off.GetJsonAsync("/.well-known/openid-configuration")).Has("client_id_metadata_document_supported"));
        Assert.Equal(0, host.Hits);
    }

    [Fact]
    public async Task Only_hosts_on_the_list_are_called_when_there_is_one()
    {
        await using var choosy = await SsoServer.StartAsync(new() { Settings = new Dictionary<string, string?> { ["Sso:ClientIdMetadataDocuments:AllowedHosts:0"] = "agents.example.com" } });
        await RefusedAsync(host.ClientId, "not among the allowed ones", at: choosy);
        Assert.Equal(0, host.Hits);
        choosy.Get<OidcOptions>().ClientDocuments.AllowedHosts.Add("127.0.0.1");
        await new OidcFlow(choosy, host.App).TokensAsync();
    }

    [Theory]
    [InlineData("Agents.example.com")]
    [InlineData("https://agents.example.com")]
    [InlineData("*.example.com")]
    [InlineData("example")]
    public void A_host_on_the_list_is_a_plain_name_or_the_server_does_not_start(string allowed)
    {
        var options = new OidcOptions { Issuer = "https://sso.example", MasterKey = Oidc.Keys.MasterKey.FromBytes(new byte[32]) };
        options.ClientDocuments.AllowedHosts.Add(allowed);
        Assert.Contains(options.Problems(), problem => problem.Contains(allowed, StringComparison.Ordinal));
    }

    /// <summary>The browser is shown one text whatever the reason, programs likewise; the log knows it, under the support id.</summary>
    private async Task RefusedAsync(string clientId, string reason, string? whole = null, SsoServer? at = null)
    {
        at ??= server;
        host.Body = whole;
        var flow = new OidcFlow(at, host.App with { ClientId = clientId });
        var shown = await flow.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadRequest, shown.StatusCode);
        var id = shown.Headers.GetValues("X-Support-Id").Single();
        var text = (await TestBrowser.ReadAsync(shown)).Body!.TextContent;
        Assert.Contains("invalid_request", text, StringComparison.Ordinal);
        Assert.DoesNotContain(reason, text, StringComparison.Ordinal);
        Assert.True(at.Logs.Any(line => line.Contains(id, StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal)), string.Join('\n', at.Logs.TakeLast(3)));
        var token = await flow.RedeemAsync("x");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client", "Client authentication failed."), (token.Status, token.Error, token.Text("error_description")));
    }
}
