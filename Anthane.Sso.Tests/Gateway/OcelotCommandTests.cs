using Anthane.Gateway.Commands;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>What an operator asks before anything runs.</summary>
public sealed class OcelotCommandTests : IDisposable
{
    private static readonly string[] Settings = ["--Gateway:Issuers:sso:Authority=https://sso.test", "--Gateway:Issuers:sso:Audiences:0=https://orders.test", "--Gateway:PublicAddress=https://api.test"];

    private readonly string folder = Directory.CreateTempSubdirectory("anthane-check-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Check_says_every_mistake_with_its_place_and_fails()
    {
        var (code, output) = Check(File("a.json", """{"Routes":[{"UpstreamPathTemplate":"a","DownstreamPathTemplate":"/a","DownstreamHostAndPorts":[{"Host":"127.0.0.1","Port":1}],"AddHeadersToRequest":{"A":"Claims[x]"}}]}"""));
        Assert.Equal(1, code);
        Assert.Contains("error   ocelot.json Routes:0:UpstreamPathTemplate: 'a' must begin with a slash", output, StringComparison.Ordinal);
        Assert.Contains("error   ocelot.json Routes:0:AddHeadersToRequest:A: 'Claims[x]' must read", output, StringComparison.Ordinal);
        Assert.Contains("a.json: 2 mistakes", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_takes_several_files_and_an_unknown_name_fails_with_strict_only()
    {
        var good = File("good.json", TestRoute("/good", ""));
        var odd = File("odd.json", TestRoute("/odd", "\"Colour\":\"red\","));
        Assert.Equal(0, Check(good, odd).Code);
        Assert.Contains("warning ocelot.json Routes:0:Colour: is not a setting", Check(good, odd).Output, StringComparison.Ordinal);
        Assert.Equal(1, Check("--strict", good, odd).Code);
        Assert.Equal(1, Check(Path.Combine(folder, "none.json")).Code);
    }

    [Fact]
    public void Check_warns_of_routes_that_hand_bare_headers_to_another_machine()
    {
        var away = TestRoute("/away", "\"Assertion\":\"off\",").Replace("127.0.0.1", "orders.internal", StringComparison.Ordinal);
        var (code, output) = Check(File("away.json", away));
        Assert.Equal(0, code);
        Assert.Contains("warning ocelot.json Routes:0:Assertion: is off, so that bare x-jwt headers go to another machine", output, StringComparison.Ordinal);
        Assert.DoesNotContain("bare", Check(File("here.json", TestRoute("/here", ""))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_says_which_route_wins_why_the_others_do_not_and_what_would_be_sent()
    {
        var file = File("e.json", """
            {"Routes":[
              {"UpstreamPathTemplate":"/{everything}","DownstreamPathTemplate":"/{everything}","DownstreamScheme":"http","DownstreamHostAndPorts":[{"Host":"127.0.0.1","Port":81}]},
              {"UpstreamPathTemplate":"/orders/{id}","UpstreamHttpMethod":["POST"],"DownstreamPathTemplate":"/p","DownstreamHostAndPorts":[{"Host":"127.0.0.1","Port":82}]},
              {"UpstreamPathTemplate":"/orders/{id}","UpstreamHttpMethod":["GET"],"UpstreamHeaderTemplates":{"Beta":"1"},"DownstreamPathTemplate":"/b","DownstreamHostAndPorts":[{"Host":"127.0.0.1","Port":83}]},
              {"UpstreamPathTemplate":"/orders/{id}","UpstreamHttpMethod":["GET"],"DownstreamPathTemplate":"/o/{id}","DownstreamScheme":"http","DownstreamHostAndPorts":[{"Host":"127.0.0.1","Port":84}],
               "AuthenticationOptions":{"AllowedScopes":["orders.read"]},"AddQueriesToRequest":{"by":"Claims[sub] > value"},"RouteClaimsRequirement":{"tenant":"acme"}}
            ]}
            """);
        var (code, output) = Explain("GET", "https://api.test/orders/7?x=1", "--ocelot", file);
        Assert.Equal(0, code);
        Assert.Contains("POST /orders/{id}: is not for GET", output, StringComparison.Ordinal);
        Assert.Contains("Routes:2       GET /orders/{id}: wants other headers", output, StringComparison.Ordinal);
        Assert.Contains("Routes:3       GET /orders/{id}: takes it", output, StringComparison.Ordinal);
        Assert.Contains("any method /{everything}: would take it, but comes after", output, StringComparison.Ordinal);
        Assert.Contains("sends    GET http://127.0.0.1:84/o/7?x=1&by=(claim sub)", output, StringComparison.Ordinal);
        Assert.Contains("asks     scope orders.read", output, StringComparison.Ordinal);
        Assert.Contains("asks     claim tenant = acme", output, StringComparison.Ordinal);
        Assert.Contains(":83", Explain("GET", "/orders/7", "--header", "Beta: 1", "--ocelot", file).Output, StringComparison.Ordinal);
        Assert.Equal(1, Explain("GET", "/orders/%2e%2e", "--ocelot", file).Code);
        Assert.Equal(2, Explain("GET").Code);
    }

    private static string TestRoute(string template, string more) =>
        $$"""{"Routes":[{{{more}}"UpstreamPathTemplate":"{{template}}","DownstreamPathTemplate":"/","DownstreamScheme":"http","DownstreamHostAndPorts":[{"Host":"127.0.0.1","Port":1}]}]}""";

    private static (int Code, string Output) Check(params string[] args)
    {
        var output = new StringWriter();
        return (CheckCommand.Run([.. args, .. Settings], output), output.ToString());
    }

    private static (int Code, string Output) Explain(params string[] args)
    {
        var output = new StringWriter();
        return (ExplainCommand.Run([.. args, .. Settings], output), output.ToString());
    }

    private string File(string name, string text)
    {
        var path = Path.Combine(folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
