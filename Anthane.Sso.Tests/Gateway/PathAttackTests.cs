using System.Text;
using Anthane.Sso.Tests.Gateway.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Section 2.6 of the attack book: paths with two meanings and requests with two framings.</summary>
public sealed class PathAttackTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("//admin/x")]
    [InlineData("/public//admin/x")]
    [InlineData("/public/x//")]
    public async Task PN_01_a_doubled_slash_is_refused(string target) => await Refused(target, 400);

    [Theory]
    [InlineData("/admin%2fx")]
    [InlineData("/public/..%2fadmin/x")]
    [InlineData("/public/%2F")]
    [InlineData("/admin%5cx")]
    public async Task PN_02_an_encoded_slash_is_refused(string target) => await Refused(target, 400);

    [Theory]
    [InlineData("/admin;a=b/x")]
    [InlineData("/public/..;/admin/x")]
    [InlineData("/public/x%3ba=b")]
    public async Task PN_03_path_parameters_are_refused(string target) => await Refused(target, 400);

    [Theory]
    [InlineData("/admin%20/x")]
    [InlineData("/%20admin/x")]
    [InlineData("/admin%09/x")]
    [InlineData("/admin./x")]
    [InlineData("/.admin/x")]
    [InlineData("/public/x.")]
    [InlineData("/public/.well-known/x")]
    public async Task PN_04_a_segment_with_a_dot_or_blank_at_its_edge_is_refused(string target) => await Refused(target, 400);

    [Theory]
    [InlineData("/admin%3f/x")]
    [InlineData("/admin%23/x")]
    public async Task PN_04_an_encoded_character_is_part_of_its_segment(string target) => await Refused(target, 401);

    [Fact]
    public async Task PN_04_a_well_known_address_is_none_of_those()
    {
        var seen = await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/.well-known/openid-configuration", fixture.Issuer.Token()));
        Assert.Equal("/.well-known/openid-configuration", seen.Target);
    }

    [Theory]
    [InlineData("/public/../admin/x")]
    [InlineData("/public/%2e%2e/admin/x")]
    [InlineData("/public/.%2E/admin/x")]
    [InlineData("/%61dmin/x")]
    [InlineData("/ADMIN/x")]
    [InlineData("/./admin/x")]
    [InlineData("/admin")]
    [InlineData("/admin/")]
    public async Task PN_05_another_spelling_of_a_path_has_the_same_rules(string target)
    {
        await Refused(target, 401);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync(target, fixture.Issuer.Token()), 403);
    }

    [Theory]
    [InlineData("/public/%252e%252e/admin/x")]
    [InlineData("/public/..%2fadmin")]
    [InlineData("/public/\\..\\admin")]
    [InlineData("/public/..%5cadmin")]
    [InlineData("/public/%5c")]
    [InlineData("/public/%00")]
    [InlineData("/public/%0a")]
    [InlineData("/public/%7f")]
    [InlineData("/public/%ff")]
    [InlineData("/public/%c0%ae")]
    [InlineData("/public/%zz")]
    [InlineData("/public/%4")]
    [InlineData("/public/%2541")]
    public async Task PN_06_what_is_encoded_twice_or_encodes_a_control_is_refused(string target) => await Refused(target, 400);

    [Fact]
    public async Task PN_06_a_percent_sign_and_other_letters_arrive_as_they_were_meant()
    {
        var seen = await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/public/100%25/%C3%BC%20x/a+b(c)?q=%2F%2e%2e&r=a%20b"));
        Assert.Equal("/public/100%25/%C3%BC%20x/a+b(c)?q=%2F%2e%2e&r=a%20b", seen.Target);
    }

    [Theory]
    [InlineData("/public#/../admin/x", 401)]
    [InlineData("/admin/x?/public/x", 401)]
    [InlineData("/admin/x?a=/../../public/x", 401)]
    [InlineData("/public/x#y", 400)]
    public async Task PN_07_only_the_path_decides_which_rules_hold(string target, int status) => await Refused(target, status);

    [Theory]
    [InlineData("TRACE")]
    [InlineData("get")]
    [InlineData("Get")]
    [InlineData("CONNECT")]
    [InlineData("PROPFIND")]
    public async Task PN_08_a_method_that_is_not_on_the_list_is_refused(string method)
    {
        var target = method == "CONNECT" ? "gateway.test:80" : "/public/x";
        await fixture.RefusedAsync(() => fixture.Gateway.SendAsync(RawClient.Request(method, target)), 400, 405);
    }

    [Fact]
    public async Task PN_08_an_endless_method_is_refused() =>
        await fixture.RefusedAsync(() => fixture.Gateway.SendAsync(RawClient.Request(new string('A', 200), "/public/x")), 400, 405);

    [Fact]
    public async Task SM_01_two_ways_to_say_how_long_the_body_is_are_refused_and_the_connection_ends()
    {
        var response = await fixture.RefusedAsync(
            () => fixture.Gateway.SendAsync("POST /public/x HTTP/1.1\r\nHost: g\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"), 400);
        Assert.Equal("close", response["Connection"]);
        await fixture.RefusedAsync(() => fixture.Gateway.GetAsync("/public/x", ["X-Content-Length: 5"]), 400);
    }

    [Theory]
    [InlineData("5;x\nhello")]
    [InlineData("5;a=b\n\r\nhello")]
    [InlineData("5\nhello")]
    public async Task SM_02_a_bare_line_feed_in_a_chunk_is_refused(string chunk)
    {
        // The head may already be on its way when the body turns out to be broken; what must never happen is that the service takes it for whole.
        var response = await fixture.Gateway.SendAsync($"POST /public/x HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunk}\r\n0\r\n\r\n");
        Assert.Equal(400, response.Status);
        Assert.DoesNotContain(fixture.Upstream.Requests, request => request.Body == "hello" && request.Target == "/public/x");
    }

    [Theory]
    [InlineData("Transfer-Encoding: xchunked")]
    [InlineData("Transfer-Encoding: chunked, identity")]
    [InlineData("Transfer-Encoding : chunked")]
    [InlineData("Transfer-Encoding:\tgzip")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6")]
    [InlineData("Content-Length: 5, 6")]
    [InlineData("Content-Length: 0x5")]
    [InlineData("Host: other.test")]
    public async Task SM_03_framing_that_is_not_plain_is_refused(string lines) =>
        await fixture.RefusedAsync(() => fixture.Gateway.SendAsync($"POST /public/x HTTP/1.1\r\nHost: gateway.test\r\n{lines}\r\nConnection: close\r\n\r\nhello"), 400);

    [Theory]
    [InlineData("GET /public/x HTTP/1.1\nHost: g\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /public/x HTTP/1.1\r\nHost: g\nConnection: close\r\n\r\n")]
    [InlineData("GET /public/x HTTP/1.1\nHost: g\nConnection: close\n\n")]
    public async Task SM_04_a_bare_line_feed_does_not_end_a_line(string request)
    {
        var before = fixture.Upstream.Hits;
        var response = await fixture.Gateway.SendAsync(request + "\r\n\r\n");
        Assert.Equal(400, response.Status);
        Assert.Equal(before, fixture.Upstream.Hits);
    }

    [Fact]
    public async Task SM_06_the_body_of_a_refused_request_is_never_read_as_a_request()
    {
        const string hidden = "GET /public/hidden HTTP/1.1\r\nHost: g\r\n\r\n";
        using var socket = new System.Net.Sockets.TcpClient("127.0.0.1", fixture.Gateway.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /orders HTTP/1.1\r\nHost: g\r\nContent-Length: {hidden.Length}\r\n\r\n{hidden}GET /public/second HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n"),
            TestContext.Current.CancellationToken);

        Assert.Equal(401, (await RawMessage.ReadAsync(stream, isResponse: true))!.Status);
        Assert.Equal(200, (await RawMessage.ReadAsync(stream, isResponse: true))!.Status);
        Assert.Equal("/public/second", fixture.Upstream.Last.Target);
        Assert.DoesNotContain(fixture.Upstream.Requests, request => request.Target == "/public/hidden");
    }

    [Fact]
    public void SM_07_slow_requests_have_limits()
    {
        var limits = fixture.Gateway.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.InRange(limits.RequestHeadersTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(35));
        Assert.True(limits.MinRequestBodyDataRate is { BytesPerSecond: >= 240 });
        Assert.InRange(limits.Http2.MaxStreamsPerConnection, 1, 100);
    }

    private async Task Refused(string target, int status) => await fixture.RefusedAsync(() => fixture.Gateway.GetAsync(target), status);
}
