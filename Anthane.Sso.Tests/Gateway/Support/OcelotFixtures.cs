using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>
/// Runs the cases of Gateway/Fixtures against real gateways, one for each configuration, in front of recording services. A file is a list of
/// groups: <c>name</c>, <c>ocelot</c>, <c>settings</c>, <c>environment</c> and <c>cases</c>, or <c>mistakes</c> where it must not start.
/// The cases of a group share a gateway and come in any order, so what one needs beforehand it says itself (<c>before</c>, <c>repeat</c>).
/// <c>"$a"</c> is the port of service a, <c>$a.url</c> its address; a route without destination leads to service a.
/// </summary>
public sealed class OcelotFixtures : IAsyncLifetime
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly Lazy<Dictionary<string, JsonArray>> Files = new(() => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Gateway", "Fixtures"), "*.json")
        .Order(StringComparer.Ordinal)
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => (JsonArray)JsonNode.Parse(File.ReadAllText(path), documentOptions: Lenient)!));

    private readonly Dictionary<string, TestGateway> gateways = [];
    private readonly Dictionary<string, RawServer> services = [];
    private readonly FakeClock clock = new();
    private TestIssuer issuer = null!;
    private TestIssuer other = null!;

    public static IReadOnlyList<(string File, string Group, string Name)> All =>
        [.. Files.Value.SelectMany(file => file.Value.SelectMany(group => CasesOf(group!).Select(found => (file.Key, Text(group!["name"]), found.Name))))];

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        other = new TestIssuer(clock) { Key = TestKey.Rsa("key-other", other: true) };
        other.Keys = [other.Key];
        foreach (var name in new[] { "a", "b", "c" })
            services[name] = new RawServer();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in gateways.Values)
            await gateway.DisposeAsync();
        foreach (var service in services.Values)
            await service.DisposeAsync();
        await issuer.DisposeAsync();
        await other.DisposeAsync();
    }

    public async Task RunAsync(string file, string groupName, string name)
    {
        var group = Files.Value[file].Single(found => Text(found!["name"]) == groupName)!;
        if (group["mistakes"] is not null)
        {
            CheckMistakes(group, name);
            return;
        }

        var gateway = await GatewayAsync($"{file}/{groupName}", group);
        var found = CasesOf(group).Single(candidate => candidate.Name == name).Case;
        Prepare(found["service"]);
        if (found["advance"] is { } seconds)
            clock.Advance(TimeSpan.FromSeconds(seconds.GetValue<double>()));
        foreach (var earlier in found["before"] as JsonArray ?? [])
            Assert.Equal(200, (await RawClient.GetAsync(gateway.Port, Text(earlier).Split(' ')[1])).Status);
        for (var i = found["repeat"]?.GetValue<int>() ?? 1; i > 1; i--)
            await RawClient.SendAsync(gateway.Port, Request(found));
        var before = services.ToDictionary(service => service.Key, service => service.Value.Hits);
        var answer = await RawClient.SendAsync(gateway.Port, Request(found));
        CheckAnswer(found["answer"], answer);
        CheckSeen(found["seen"], before);
    }

    private static IEnumerable<(string Name, JsonNode Case)> CasesOf(JsonNode group) => group["mistakes"] is JsonArray mistakes
        ? mistakes.Select(mistake => (Text(mistake), mistake!))
        : ((JsonArray)group["cases"]!).Select(found => (Text(found!["name"] ?? found["request"]), found));

    private static string Text(JsonNode? node) => node is null ? "" : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();

    private void CheckMistakes(JsonNode group, string expected)
    {
        var settings = Settings(group);
        settings.Remove("Gateway:Ocelot");
        var mistakes = TestGateway.Mistakes(Fill(group["ocelot"]!.ToJsonString()), settings, Text(group["environment"] ?? "Development"));
        Assert.True(mistakes.Any(mistake => mistake.Contains(expected, StringComparison.Ordinal)), $"'{expected}' is not among:\n{string.Join('\n', mistakes)}");
    }

    private async Task<TestGateway> GatewayAsync(string key, JsonNode group)
    {
        if (gateways.TryGetValue(key, out var running))
            return running;
        var ocelot = group["ocelot"]!.DeepClone();
        foreach (var route in (ocelot["Routes"] as JsonArray ?? []).OfType<JsonObject>())
        {
            route["DownstreamHostAndPorts"] ??= new JsonArray(new JsonObject { ["Host"] = "127.0.0.1", ["Port"] = "$a" });
            route["DownstreamScheme"] ??= "http";
            route["DownstreamPathTemplate"] ??= route["UpstreamPathTemplate"]!.DeepClone();
        }

        return gateways[key] = await TestGateway.StartAsync(clock, issuer, Fill(ocelot.ToJsonString()), Settings(group), Text(group["environment"] ?? "Development"));
    }

    private Dictionary<string, string?> Settings(JsonNode group)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Gateway:Issuers:sso:Authority"] = issuer.Authority,
            ["Gateway:Issuers:sso:Audiences:0"] = TestIssuer.Audience,
        };
        foreach (var (name, value) in group["settings"] as JsonObject ?? [])
            settings[name] = Fill(Text(value));
        return settings;
    }

    private string Fill(string text)
    {
        foreach (var (name, service) in services)
            text = text.Replace($"\"${name}\"", service.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace($"${name}.url", service.Url, StringComparison.Ordinal);
        return text.Replace("$other", other.Authority, StringComparison.Ordinal);
    }

    private void Prepare(JsonNode? answers)
    {
        foreach (var (name, service) in services)
        {
            var answer = answers?[name];
            var headers = (answer?["headers"] as JsonArray ?? []).Select(header => Fill(Text(header))).ToArray();
            service.Answer = (_, stream) => RawServer.RespondAsync(stream, Text(answer?["status"] ?? "200 OK"), Text(answer?["body"] ?? $"hello from {name}"), headers);
        }
    }

    private string Request(JsonNode found)
    {
        var line = Text(found["request"]).Split(' ', 2);
        var headers = (found["headers"] as JsonArray ?? []).Select(header => Fill(Text(header))).ToList();
        if (found["token"] is JsonObject claims)
            headers.Add($"Authorization: Bearer {Token(claims)}");
        if (found["body"] is null)
            return RawClient.Request(line[0], line[1], [.. headers]);
        headers.Add($"Content-Length: {Text(found["body"]).Length}");
        return RawClient.Request(line[0], line[1], [.. headers]) + Text(found["body"]);
    }

    /// <summary>Alice's token with these claims beside or in place of hers; null takes one away.</summary>
    private string Token(JsonObject claims) => (Text(claims["issuer"]) == "other" ? other : issuer).Token(payload =>
    {
        foreach (var (name, value) in claims.Where(claim => claim.Key != "issuer"))
        {
            if (value is null)
                payload.Remove(name);
            else
                payload[name] = value.DeepClone();
        }
    });

    private void CheckAnswer(JsonNode? expected, RawMessage answer)
    {
        if (expected is not JsonObject details)
        {
            Assert.Equal(expected?.GetValue<int>() ?? 200, answer.Status);
            return;
        }

        Assert.Equal(details["status"]?.GetValue<int>() ?? 200, answer.Status);
        if (details["body"] is { } body)
            Assert.Equal(Fill(Text(body)), answer.Body);
        CheckHeaders(details["headers"], answer);
    }

    private void CheckSeen(JsonNode? expected, Dictionary<string, int> before)
    {
        var all = expected switch { null => [], JsonArray several => several.ToList(), _ => [expected] };
        foreach (var (name, service) in services)
        {
            var seen = service.Requests.Skip(before[name]).ToList();
            var wanted = all.Where(one => (one is JsonObject ? Text(one["service"] ?? "a") : "a") == name).ToList();
            Assert.Equal(
                wanted.Select(one => Text(one is JsonObject ? one["request"] : one)).Order(StringComparer.Ordinal),
                seen.Select(request => $"{request.Method} {request.Target}").Order(StringComparer.Ordinal));
            foreach (var one in wanted.OfType<JsonObject>())
            {
                var request = seen.First(candidate => $"{candidate.Method} {candidate.Target}" == Text(one["request"]));
                CheckHeaders(one["headers"], request);
                if (one["body"] is { } body)
                    Assert.Equal(Text(body), request.Body);
            }
        }
    }

    /// <summary>A value that is null says that the header must not be there; "*" that it must be.</summary>
    private void CheckHeaders(JsonNode? expected, RawMessage message)
    {
        foreach (var (name, value) in expected as JsonObject ?? [])
        {
            if (value is not null && Text(value) == "*")
                Assert.NotNull(message[name]);
            else
                Assert.Equal((name, value is null ? null : Fill(Text(value))), (name, message[name]));
        }
    }
}
