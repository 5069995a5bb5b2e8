using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Gateway;

public sealed class ForwardingTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task A_persons_call_reaches_the_service_with_who_they_are_and_without_the_token()
    {
        var seen = await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/orders/17?full=yes", fixture.Issuer.Token()));

        Assert.Equal("GET /orders/17?full=yes HTTP/1.1", seen.StartLine);
        Assert.Equal(fixture.Issuer.Authority, seen["x-jwt-iss"]);
        Assert.Equal("alice-id", seen["x-jwt-sub"]);
        Assert.Equal("notes", seen["x-jwt-client-id"]);
        Assert.Equal("user", seen["x-jwt-principal"]);
        Assert.Equal("alice@anthane.test", seen["x-jwt-email"]);
        Assert.Equal("Alice%20Liddell", seen["x-jwt-name"]);
        Assert.Equal("openid%20orders.read", seen["x-jwt-scope"]);
        Assert.Null(seen["x-jwt-roles"]);
        Assert.Null(seen["Authorization"]);
        Assert.Equal($"127.0.0.1:{fixture.Upstream.Port}", seen["Host"]);
    }

    [Fact]
    public async Task A_services_call_is_told_apart_from_a_persons()
    {
        var seen = await fixture.PassedAsync(() => fixture.Gateway.GetAsync("/orders", fixture.Issuer.ClientToken()));

        Assert.Equal("client", seen["x-jwt-principal"]);
        Assert.Equal("orders-worker", seen["x-jwt-client-id"]);
        Assert.Null(seen["x-jwt-email"]);
        Assert.Null(seen["x-jwt-name"]);
    }

    [Fact]
    public async Task A_body_passes_in_both_directions()
    {
        fixture.Upstream.Answer = (request, stream) => RawServer.RespondAsync(stream, "201 Created", $"got {request.Body}", "Location: /orders/1");
        var response = await fixture.Gateway.SendAsync(
            "POST /public/orders HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{\"id\": 1}");

        fixture.Upstream.Answer = static (_, stream) => RawServer.RespondAsync(stream, "200 OK", "hello");
        Assert.Equal(201, response.Status);
        Assert.Equal("got {\"id\": 1}", response.Body);
        Assert.Equal("/orders/1", response["Location"]);
        Assert.Equal("application/json", fixture.Upstream.Last["Content-Type"]);
        Assert.Equal("9", fixture.Upstream.Last["Content-Length"]);
    }

    [Fact]
    public async Task A_chunked_body_passes_as_chunks()
    {
        var response = await fixture.Gateway.SendAsync(
            "POST /public/orders HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");

        Assert.Equal("hello world", fixture.Upstream.Last.Body);
        Assert.Equal("chunked", fixture.Upstream.Last["Transfer-Encoding"]);
        Assert.Equal(200, response.Status);
    }
}
