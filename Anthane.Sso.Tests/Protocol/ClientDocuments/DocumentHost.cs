using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.ClientDocuments;

/// <summary>A host on a real socket where an agent publishes the document about itself, and whatever else a test wants of it.</summary>
public sealed class DocumentHost : RawServer
{
    /// <summary>The audience of the demo's API.</summary>
    public const string Orders = "https://orders.anthane.test";
    public const string RedirectUri = "https://agent.example/callback";

    private static int hosts;

    // A port is given out again after a while, and a server remembers addresses: each host has a path that no other had.
    private readonly int number = Interlocked.Increment(ref hosts);

    public DocumentHost()
    {
        Answer = async (request, stream) =>
        {
            await (Gate?.Task ?? Task.CompletedTask);
            return await RespondAsync(stream, Status, Body ?? ForPath(request), $"Content-Type: {ContentType}", Header);
        };
        Document = new JsonObject
        {
            ["client_id"] = ClientId,
            ["client_name"] = "Travel agent",
            ["redirect_uris"] = new JsonArray(RedirectUri),
            ["grant_types"] = new JsonArray("authorization_code", "refresh_token"),
            ["response_types"] = new JsonArray("code"),
            ["token_endpoint_auth_method"] = "none",
        };
    }

    public string ClientId => Url + Path;

    public JsonObject Document { get; }

    public string Status { get; set; } = "200 OK";

    public string ContentType { get; set; } = "application/json";

    public string Header { get; set; } = "X-Nothing: said";

    /// <summary>What is answered instead of the document.</summary>
    public string? Body { get; set; }

    /// <summary>Nothing is answered before this is done.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>The same host by its name, which admins can block.</summary>
    public string NamedClientId => $"http://localhost:{Port}/named-{number}.json";

    private string Path => $"/agent-{number}.json";

    /// <summary>The agent as the tests' relying party.</summary>
    public OidcApp App => new(ClientId, null, RedirectUri);

    /// <summary>Each path has a document of its own, which says the same.</summary>
    private string ForPath(RawMessage request)
    {
        var path = request.Target;
        if (path == Path)
        {
            return Document.ToJsonString();
        }

        var own = (JsonObject)Document.DeepClone();
        own["client_id"] = $"http://{request["Host"]}{path}";
        return own.ToJsonString();
    }
}
