using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>What is more than one request and one answer: WebSockets, gRPC, server-sent events, HTTP/2 on both sides, long streams.</summary>
public sealed class ProtocolTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly TempDirectory folder = new();
    private TestIssuer issuer = null!;

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_WebSocket_passes_every_check_and_then_carries_messages_both_ways(string version)
    {
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http1, EchoAsync);
        await using var site = await StartAsync(service, route => route["RateLimitOptions"] = JsonNode.Parse("""{"Limit":1,"Period":"1m"}"""));
        var token = issuer.Token();
        using (var socket = await site.OpenAsync(version, token))
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
            var buffer = new byte[64];
            var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        }

        Assert.Equal("alice@anthane.test", service.Last["x-jwt-email"]);
        Assert.Equal("chat", service.Last["Sec-WebSocket-Protocol"]);
        Assert.False(service.Last.ContainsKey("Authorization"));

        // Limits count handshakes too, and a bad token opens nothing.
        await Assert.ThrowsAsync<WebSocketException>(() => site.OpenAsync(version, token));
        await Assert.ThrowsAsync<WebSocketException>(() => site.OpenAsync(version, "bad"));
        Assert.Single(service.Seen);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_WebSocket_ends_with_the_token_that_opened_it(string version)
    {
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http1, EchoAsync);
        await using var site = await StartAsync(service);
        using var socket = await site.OpenAsync(version, issuer.Token());
        await Until.TrueAsync(() => clock.IsWaitedFor(TimeSpan.FromSeconds(299), TimeSpan.FromSeconds(301)), "the end's timer");
        clock.Advance(TimeSpan.FromSeconds(301));
        var ended = await Record.ExceptionAsync(async () =>
        {
            var received = await socket.ReceiveAsync(new byte[16], TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        });
        Assert.True(ended is null or WebSocketException, ended?.ToString());
    }

    [Fact]
    public async Task A_gRPC_call_passes_with_who_calls_and_brings_its_trailers()
    {
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http2, async context =>
        {
            var message = await ReadMessageAsync(context.Request.Body);
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            context.Response.AppendTrailer("x-jwt-email", "mallory");
            context.Response.AppendTrailer("grpc-status", "0");
            await context.Response.Body.WriteAsync(Message($"hello {Encoding.UTF8.GetString(message)}"));
        });
        await using var site = await StartAsync(service, OverHttp2);
        using var answer = await site.SendAsync(GrpcRequest("alice"), issuer.Token());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Equal("hello alice", Encoding.UTF8.GetString(await ReadMessageAsync(body)));
        Assert.Equal(0, await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal("0", Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
        Assert.False(answer.TrailingHeaders.Contains("x-jwt-email"));
        Assert.Equal("HTTP/2", service.Last["(protocol)"]);
        Assert.Equal("alice@anthane.test", service.Last["x-jwt-email"]);
        Assert.Equal("trailers", service.Last["TE"]);
    }

    [Fact]
    public async Task A_gRPC_call_without_a_body_in_its_answer_brings_its_status()
    {
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http2, context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "5";
            return Task.CompletedTask;
        });
        await using var site = await StartAsync(service, OverHttp2);
        using var answer = await site.SendAsync(GrpcRequest("x"), issuer.Token());
        Assert.Equal("5", Assert.Single(answer.Headers.GetValues("grpc-status")));
        using var refused = await site.SendAsync(GrpcRequest("x"), "bad");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Single(service.Seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_gRPC_stream_brings_each_message_as_it_comes(bool isLogged)
    {
        var next = new SemaphoreSlim(0);
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http2, async context =>
        {
            context.Response.ContentType = "application/grpc";
            for (var i = 0; i < 3; i++)
            {
                await context.Response.Body.WriteAsync(Message($"{i}"));
                await context.Response.Body.FlushAsync();
                await next.WaitAsync();
            }

            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using var site = await StartAsync(service, OverHttp2, Logged(isLogged));
        using var answer = await site.SendAsync(GrpcRequest("all"), issuer.Token());
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            // The service waits until this one was read.
            Assert.Equal($"{i}", Encoding.UTF8.GetString(await ReadMessageAsync(body)));
            next.Release();
        }

        Assert.Equal(0, await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal("0", Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task Trailers_of_a_caller_never_become_headers_of_a_service()
    {
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http2, async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync(context.Request.Headers["x-jwt-email"] + "|" + (context.Request.SupportsTrailers() ? context.Request.GetTrailer("x-jwt-email").ToString() : ""));
        });
        await using var site = await StartAsync(service, OverHttp2);
        var answer = await site.Gateway.SendAsync($"POST /orders HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {issuer.Token()}\r\nTransfer-Encoding: chunked\r\nTrailer: x-jwt-email\r\nConnection: close\r\n\r\n"
            + "2\r\nhi\r\n0\r\nx-jwt-email: mallory\r\nx-mine: 1\r\n\r\n");
        Assert.Equal("alice@anthane.test|", answer.Body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_sent_event_arrives_before_the_next_is_sent(bool isLogged)
    {
        var next = new SemaphoreSlim(0);
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http1, async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 3; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n");
                await context.Response.Body.FlushAsync();
                await next.WaitAsync();
            }
        });
        await using var site = await StartAsync(service, settings: Logged(isLogged));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events");
        using var answer = await site.SendAsync(request, issuer.Token());
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
            Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
            next.Release();
        }

        Assert.Null(await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_long_stream_passes_in_both_directions_without_being_kept()
    {
        const int size = 96 * 1024 * 1024;
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http1, async context =>
        {
            var block = new byte[65_536];
            if (HttpMethods.IsPost(context.Request.Method))
            {
                long read = 0;
                for (int count; (count = await context.Request.Body.ReadAsync(block)) > 0;)
                    read += count;
                await context.Response.WriteAsync($"{read}");
                return;
            }

            context.Response.ContentLength = size;
            for (var sent = 0; sent < size; sent += block.Length)
                await context.Response.Body.WriteAsync(block);
        });
        await using var unused = new RawServer();
        await using var gateway = await GatewayProcess.StartAsync(unused, route => route["DownstreamHostAndPorts"] = HostOf(service), "--Gateway:MaxRequestBodySize=200000000");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{gateway.Port}") };

        // What a first request loads is no part of what a stream takes.
        await client.GetByteArrayAsync("/health/live", TestContext.Current.CancellationToken);
        var before = gateway.PeakMemory;
        await using (var body = await client.GetStreamAsync("/file", TestContext.Current.CancellationToken))
        {
            var block = new byte[65_536];
            long read = 0;
            for (int count; (count = await body.ReadAsync(block, TestContext.Current.CancellationToken)) > 0;)
                read += count;
            Assert.Equal(size, read);
        }

        using var upload = new StreamContent(new Zeros(size)) { Headers = { ContentLength = size } };
        using var answer = await client.PostAsync("/file", upload, TestContext.Current.CancellationToken);
        Assert.Equal($"{size}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.InRange(gateway.PeakMemory - before, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task A_body_or_a_head_that_is_too_large_reaches_no_service()
    {
        await using var service = await KestrelService.StartAsync(HttpProtocols.Http1, context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var site = await StartAsync(service, settings: new() { ["Gateway:MaxRequestBodySize"] = "1000" });
        var token = issuer.Token();
        Assert.Equal(413, (await site.Gateway.SendAsync($"POST /orders HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {token}\r\nContent-Length: 1001\r\nConnection: close\r\n\r\n{new string('x', 1001)}")).Status);
        Assert.Equal(431, (await site.Gateway.GetAsync("/orders", token, $"X-Long: {new string('x', 33_000)}")).Status);
        Assert.Empty(service.Seen);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("chat");
        var buffer = new byte[1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }
    }

    private static JsonArray HostOf(KestrelService service) => new(JsonNode.Parse($$"""{"Host":"127.0.0.1","Port":{{service.Port}}}"""));

    private static void OverHttp2(JsonObject route)
    {
        route["DownstreamHttpVersion"] = "2.0";
        route["DownstreamHttpVersionPolicy"] = "RequestVersionExact";
    }

    /// <summary>The access log counts bytes, and must not hold them back.</summary>
    private Dictionary<string, string?> Logged(bool isLogged) => new() { ["Gateway:Telemetry:AccessLog"] = isLogged ? Path.Combine(folder.Path, "access.log") : null };

    /// <summary>A gRPC message: no compression, its length, its bytes.</summary>
    private static byte[] Message(string text) => [0, 0, 0, 0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static async Task<byte[]> ReadMessageAsync(Stream stream)
    {
        var head = new byte[5];
        await stream.ReadExactlyAsync(head).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        var message = new byte[head[4]];
        await stream.ReadExactlyAsync(message);
        return message;
    }

    private static HttpRequestMessage GrpcRequest(string text)
    {
        var content = new ByteArrayContent(Message(text));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return new HttpRequestMessage(HttpMethod.Post, "/orders.Orders/Find") { Content = content, Headers = { TE = { new TransferCodingWithQualityHeaderValue("trailers") } } };
    }

    private async Task<Site> StartAsync(KestrelService service, Action<JsonObject>? change = null, Dictionary<string, string?>? settings = null)
    {
        await using var unused = new RawServer();
        var port = FreePorts.Take(1)[0];
        var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(unused, change: route =>
        {
            route["DownstreamHostAndPorts"] = HostOf(service);
            change?.Invoke(route);
        })), new(settings ?? []) { ["Kestrel:Endpoints:Http2:Url"] = $"http://127.0.0.1:{port}", ["Kestrel:Endpoints:Http2:Protocols"] = "Http2" });
        return new Site(gateway, port);
    }

    /// <summary>A gateway that speaks HTTP/1.1 on one port and HTTP/2 on another.</summary>
    private sealed class Site(TestGateway gateway, int http2Port) : IAsyncDisposable
    {
        private readonly SocketsHttpHandler handler = new();

        public TestGateway Gateway => gateway;

        public async Task<WebSocket> OpenAsync(string version, string token)
        {
            var socket = new ClientWebSocket
            {
                Options = { HttpVersion = Version.Parse(version), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact },
            };
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            socket.Options.SetRequestHeader("X-Jwt-Email", "mallory");
            socket.Options.AddSubProtocol("chat");
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{(version == "2.0" ? http2Port : gateway.Port)}/chat"), new HttpMessageInvoker(handler, disposeHandler: false), TestContext.Current.CancellationToken);
            return socket;
        }

        /// <summary>Sends over HTTP/2 and returns at the head of the answer.</summary>
        public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string token)
        {
            request.RequestUri = new Uri(new Uri($"http://127.0.0.1:{http2Port}"), request.RequestUri!);
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var client = new HttpMessageInvoker(handler, disposeHandler: false);
            return await client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            handler.Dispose();
            return gateway.DisposeAsync();
        }
    }

    /// <summary>So many zero bytes, made as they are read.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, left);
            Array.Clear(buffer, offset, read);
            left -= read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
