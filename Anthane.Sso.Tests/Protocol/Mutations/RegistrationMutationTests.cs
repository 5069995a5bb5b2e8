using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Requests with accidents in them at the registration endpoints, and what came of those that were accepted.</summary>
public sealed class RegistrationMutationTests(MutationServer setup) : IClassFixture<MutationServer>
{
    private static readonly JsonObject Metadata = new()
    {
        ["client_name"] = "Mutations",
        ["redirect_uris"] = new JsonArray("https://app.example/callback"),
        ["grant_types"] = new JsonArray("authorization_code", "refresh_token"),
        ["response_types"] = new JsonArray("code"),
        ["scope"] = "openid profile",
        ["token_endpoint_auth_method"] = "client_secret_post",
        ["contacts"] = new JsonArray("ops@app.example"),
        ["default_max_age"] = 3600,
    };

    /// <summary>A good request to end the client is no accident.</summary>
    private static readonly string[] ButDelete = [.. HostileTexts.Methods.Where(method => method != "DELETE")];

    private readonly SsoServer server = setup.Server;

    [Fact]
    public Task New_clients() => MutationRun.RunAsync(server, "register", async () =>
    {
        var token = await server.TokenAsync(uses: 1_000_000);
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(WireRequest.Json("POST", "/connect/register", Metadata.ToJsonString()).With("Authorization", "Bearer " + token)),
            Place = ParameterPlace.Json,
            Accepted = answer => answer.Status == 201,
            Judge = Judge,

            // Otherwise there were more and more of them, and each change reads all.
            AfterAsync = async (_, answer) => await DeleteAsync(Registered(answer)),
        };
    });

    [Fact]
    public Task Looks_at_a_client() => MutationRun.RunAsync(server, "register get", async () =>
    {
        var client = await RegisterAsync();
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(Request("GET", client)),
            Place = ParameterPlace.Json,
            TriedMethods = ButDelete,
            Accepted = answer => answer.Status == 200,
        };
    });

    [Fact]
    public Task Changes_of_a_client() => MutationRun.RunAsync(server, "register put", async () =>
    {
        var client = await RegisterAsync();
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(Request("PUT", client, Metadata.DeepClone().AsObject().Having("client_id", client.Id).ToJsonString())),
            Place = ParameterPlace.Json,
            TriedMethods = ButDelete,
            Accepted = answer => answer.Status == 200 && answer.Body.Contains("registration_access_token", StringComparison.Ordinal),
            Judge = Judge,
            AfterAsync = (_, answer) =>
            {
                client = Registered(answer);
                return Task.CompletedTask;
            },
        };
    });

    [Fact]
    public Task Ends_of_a_client() => MutationRun.RunAsync(server, "register delete", async () =>
    {
        var token = await server.TokenAsync(uses: 1_000_000);
        var client = await RegisterAsync(token);
        return new MutatedEndpoint
        {
            GoodAsync = () => Task.FromResult(Request("DELETE", client)),
            Place = ParameterPlace.Json,
            Accepted = answer => answer.Status == 204,
            AfterAsync = async (_, _) => client = await RegisterAsync(token),
        };
    });

    /// <summary>Whatever was asked for, a registered client keeps to what its token allows.</summary>
    private static string? Judge(WireRequest sent, RawMessage answer)
    {
        using var json = JsonDocument.Parse(Encoding.Latin1.GetBytes(answer.Body));
        var client = json.RootElement;
        return Texts("redirect_uris").Any(uri => !uri.StartsWith("https://", StringComparison.Ordinal) || uri.Contains('#', StringComparison.Ordinal) || uri.Contains('*', StringComparison.Ordinal) || uri.Contains('@', StringComparison.Ordinal) || uri.Contains("..", StringComparison.Ordinal)) ? "such a redirect URI"
            : Texts("grant_types").Except(["authorization_code", "refresh_token"]).Any() ? "such a grant type"
            : client.GetProperty("scope").GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(RegistrationClient.IdentityScopes).Any() ? "such a scope"
            : sent.Method == "POST" && client.GetProperty("client_id").GetString() is "x" or "" ? "an id of its own choice"
            : null;

        IEnumerable<string> Texts(string member) => client.GetProperty(member).EnumerateArray().Select(text => text.GetString()!);
    }

    private async Task<Client> RegisterAsync(string? token = null)
    {
        var answer = await server.RegisterAsync(token ?? await server.TokenAsync(), Metadata);
        return new Client(answer.Text("client_id"), answer.Text("registration_access_token"));
    }

    private Task<JsonAnswer> DeleteAsync(Client client) => server.SendJsonAsync(HttpMethod.Delete, "/connect/register/" + client.Id, client.Token, null);

    private static WireRequest Request(string method, Client client, string? body = null) =>
        (body is null ? new WireRequest { Method = method, Path = "/connect/register/" + client.Id } : WireRequest.Json(method, "/connect/register/" + client.Id, body)).With("Authorization", "Bearer " + client.Token);

    private static Client Registered(RawMessage answer)
    {
        using var json = JsonDocument.Parse(Encoding.Latin1.GetBytes(answer.Body));
        return new Client(json.RootElement.GetProperty("client_id").GetString()!, json.RootElement.GetProperty("registration_access_token").GetString()!);
    }

    private sealed record Client(string Id, string Token);
}

/// <summary>Says in one expression what takes two.</summary>
internal static class JsonObjects
{
    public static JsonObject Having(this JsonObject json, string name, string value)
    {
        json[name] = value;
        return json;
    }
}
