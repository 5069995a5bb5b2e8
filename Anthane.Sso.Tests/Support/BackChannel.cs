using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Anthane.Sso.Tests.Support;

/// <summary>Raw requests to the endpoints that programs call, with everything about them up to the test.</summary>
internal static class BackChannel
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public static (string, string)[] Worker { get; } =
        [("grant_type", "client_credentials"), ("client_id", "orders-worker"), ("client_secret", "orders-worker-development-secret-0001")];

    public static Task<JsonAnswer> PostFormAsync(this SsoServer server, string path, params (string Name, string Value)[] form) => server.SendAsync(Request(server, path, form));

    /// <summary>The same with an Authorization header written out.</summary>
    public static Task<JsonAnswer> PostFormAsync(this SsoServer server, string path, string authorization, params (string Name, string Value)[] form)
    {
        var request = Request(server, path, form);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return server.SendAsync(request);
    }

    public static async Task<JsonAnswer> SendAsync(this SsoServer server, HttpRequestMessage request) =>
        await JsonAnswer.ReadAsync(await Client.SendAsync(request, TestContext.Current.CancellationToken));

    public static async Task<HttpResponseMessage> GetAsync(this SsoServer server, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task<JsonAnswer> GetJsonAsync(this SsoServer server, string path, params (string Name, string Value)[] headers) =>
        await JsonAnswer.ReadAsync(await server.GetAsync(path, headers));

    /// <summary>What introspection says to the demo's worker, which may ask about tokens for the orders API.</summary>
    public static Task<JsonAnswer> IntrospectAsync(this SsoServer server, string token) =>
        server.PostFormAsync("/connect/introspect", [.. Worker[1..], ("token", token)]);

    public static async Task<bool> IsActiveAsync(this SsoServer server, string token)
    {
        var answer = await server.IntrospectAsync(token);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString());
        return answer.Body.GetProperty("active").GetBoolean();
    }

    public static string Basic(string text) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>A client at another loopback address.</summary>
    public static HttpClient From(IPAddress source) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static HttpRequestMessage Request(SsoServer server, string path, (string Name, string Value)[] form) => new(HttpMethod.Post, new Uri(server.Address, path))
    {
        Content = new ByteArrayContent(Encoding.ASCII.GetBytes(string.Join('&', form.Select(field => $"{Uri.EscapeDataString(field.Name)}={Uri.EscapeDataString(field.Value)}"))))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") },
        },
    };
}
