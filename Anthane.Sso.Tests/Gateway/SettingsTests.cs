using System.Diagnostics;
using Anthane.Gateway.Routing;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Wrong settings are told all at once, before anything listens.</summary>
public sealed class SettingsTests
{
    private const string GoodRoute =
        """{"UpstreamPathTemplate":"/orders","DownstreamPathTemplate":"/orders","DownstreamScheme":"http","DownstreamHostAndPorts":[{"Host":"127.0.0.1","Port":8701}]}""";

    [Fact]
    public void Every_mistake_is_named_with_the_setting_it_is_about()
    {
        var mistakes = TestGateway.Mistakes(
            """
            {"Routes":[
              {"UpstreamPathTemplate":"orders","DownstreamPathTemplate":"http://x/","UpstreamHttpMethod":["TRACE"],"Principal":"robot",
               "AuthenticationOptions":{"AuthenticationProviderKeys":["ssso"]},"RateLimitOptions":{"Limit":0,"Period":"1month"},
               "AddHeadersToRequest":{"A":"Claims[x]","Host":"Claims[x] > value","x-jwt-sub":"Claims[name] > value","X_Y":"Claims[x] > value","B":"Claims[x] > value[0]"}},
              {"UpstreamPathTemplate":"/a/{x}/{x}","DownstreamPathTemplate":"/a","DownstreamHostAndPorts":[{"Host":""}],"RouteClaimsRequirement":{"sub":"{id}"}}
            ]}
            """,
            new() { ["Gateway:Issuers:sso:Authority"] = "http://sso.test", ["Gateway:Cors:Origins:0"] = "https://app.test/", ["Gateway:StrictConfiguration"] = "perhaps" });
        Assert.All(
            new[]
            {
                "Gateway:Issuers:sso:Authority: 'http://sso.test' must be https",
                "Gateway:Issuers:sso:Audiences: must name",
                "Gateway:Cors:Origins: 'https://app.test/' must be an origin",
                "Gateway:StrictConfiguration: 'perhaps' must be true or false",
                "ocelot.json Routes:0:UpstreamPathTemplate: 'orders' must begin with a slash",
                "ocelot.json Routes:0:DownstreamPathTemplate: 'http://x/' must be a path",
                "ocelot.json Routes:0:UpstreamHttpMethod: 'TRACE'",
                "ocelot.json Routes:0:Principal: 'robot' must be user, client or any",
                "ocelot.json Routes:0:AuthenticationOptions:AuthenticationProviderKeys: 'ssso' is not in Gateway:Issuers; did you mean 'sso'?",
                "ocelot.json Routes:0:RateLimitOptions:Limit: '0'",
                "ocelot.json Routes:0:RateLimitOptions:Period: '1month'",
                "ocelot.json Routes:0:AddHeadersToRequest:A: 'Claims[x]' must read",
                "ocelot.json Routes:0:AddHeadersToRequest:Host: is no header that a route can set",
                "ocelot.json Routes:0:AddHeadersToRequest:X_Y: is no header that a route can set",
                "ocelot.json Routes:0:AddHeadersToRequest:x-jwt-sub: is a header of the gateway's own",
                "ocelot.json Routes:0:AddHeadersToRequest:B: 'Claims[x] > value[0]' has an index but no delimiter",
                "ocelot.json Routes:0:DownstreamHostAndPorts: is missing",
                "ocelot.json Routes:1:UpstreamPathTemplate: '/a/{x}/{x}' has a placeholder twice",
                "ocelot.json Routes:1:DownstreamHostAndPorts:0:Host: is missing",
                "ocelot.json Routes:1:RouteClaimsRequirement:sub: '{id}' is no placeholder",
            },
            expected => Assert.Contains(mistakes, mistake => mistake.StartsWith(expected, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("https://sso.test", "Development", true)]
    [InlineData("https://sso.test", "Production", true)]
    [InlineData("http://localhost:8400", "Development", true)]
    [InlineData("http://127.0.0.1:8400", "Development", true)]
    [InlineData("http://[::1]:8400", "Development", true)]
    [InlineData("http://localhost:8400", "Production", false)]
    [InlineData("http://sso.test", "Development", false)]
    [InlineData("http://localhost.evil.test", "Development", false)]
    [InlineData("ftp://localhost", "Development", false)]
    [InlineData("https://user:secret@sso.test", "Development", false)]
    [InlineData("sso", "Development", false)]
    public void An_http_authority_is_for_loopback_in_Development(string authority, string environment, bool isAccepted) =>
        Assert.Equal(isAccepted, TestGateway.Mistakes(Routes(GoodRoute), Settings(authority), environment).Count == 0);

    [Theory]
    [InlineData("https://keys.internal", true)]
    [InlineData("http://127.0.0.1:8400/keys", true)]
    [InlineData("http://keys.internal", false)]
    public void Keys_are_fetched_over_https_or_from_this_machine(string address, bool isAccepted)
    {
        var settings = Settings("https://sso.test");
        settings["Gateway:Issuers:sso:JwksAddress"] = address;
        Assert.Equal(isAccepted, TestGateway.Mistakes(Routes(GoodRoute), settings, "Production").Count == 0);
    }

    [Fact]
    public void An_unknown_setting_is_a_warning_with_the_nearest_name_and_an_error_when_strict()
    {
        var settings = Settings("https://sso.test");
        settings["Gateway:Issuers:sso:Audience"] = "x";
        settings["Gateway:Ocelott"] = "x";
        var route = GoodRoute.Replace("\"DownstreamScheme\"", "\"UpstreamHttpMethods\":[\"GET\"],\"Colour\":\"red\",\"DownstreamScheme\"", StringComparison.Ordinal);
        Assert.Empty(TestGateway.Mistakes(Routes(route), new(settings)));

        settings["Gateway:StrictConfiguration"] = "true";
        var mistakes = TestGateway.Mistakes(Routes(route), settings);
        Assert.Contains(mistakes, mistake => mistake.Contains("Routes:0:UpstreamHttpMethods", StringComparison.Ordinal) && mistake.EndsWith("did you mean 'UpstreamHttpMethod'?", StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.Contains("Gateway:Issuers:sso:Audience:", StringComparison.Ordinal) && mistake.EndsWith("did you mean 'Audiences'?", StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.StartsWith("Gateway:Ocelott:", StringComparison.Ordinal) && mistake.EndsWith("did you mean 'Ocelot'?", StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.Contains("Colour: is not a setting of this gateway and has no effect", StringComparison.Ordinal));
        Assert.Equal(4, mistakes.Count);
    }

    [Theory]
    [InlineData("\"ServiceName\":\"orders\"", "name the service in 'DownstreamHostAndPorts'")]
    [InlineData("\"DelegatingHandlers\":[\"MyHandler\"]", "use 'UpstreamHeaderTransform'")]
    public void What_Ocelot_has_and_we_do_not_is_refused_with_what_to_use_instead(string setting, string instead)
    {
        var route = GoodRoute.Insert(1, setting + ",");
        Assert.Contains(instead, Assert.Single(TestGateway.Mistakes(Routes(route), Settings("https://sso.test"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"SecurityOptions\":{\"IPBlockedList\":[],\"IPAllowedList\":[]}")]
    [InlineData("\"DangerousAcceptAnyServerCertificateValidator\":false")]
    [InlineData("\"QoSOptions\":{\"TimeoutValue\":5000}")]
    [InlineData("\"Metadata\":{\"a\":\"b\"}")]
    [InlineData("\"AddHeadersToRequest\":{\"x-jwt-email\":\"Claims[email] > value\"}")]
    public void What_only_tunes_or_says_nothing_does_not_stop_the_start(string setting) =>
        Assert.Empty(TestGateway.Mistakes(Routes(GoodRoute.Insert(1, setting + ",")), Settings("https://sso.test")));

    [Fact]
    public void Two_routes_that_stand_for_the_same_are_a_mistake()
    {
        Assert.Single(TestGateway.Mistakes(Routes(GoodRoute, GoodRoute), Settings("https://sso.test")));
        Assert.Single(TestGateway.Mistakes(Routes(GoodRoute, GoodRoute.Insert(1, "\"UpstreamHttpMethod\":[\"get\"],")), Settings("https://sso.test")));
        Assert.Empty(TestGateway.Mistakes(Routes(GoodRoute.Insert(1, "\"UpstreamHttpMethod\":[\"post\"],"), GoodRoute.Insert(1, "\"UpstreamHttpMethod\":[\"get\"],")), Settings("https://sso.test")));
        Assert.Empty(TestGateway.Mistakes(Routes(GoodRoute, GoodRoute.Insert(1, "\"UpstreamHost\":\"a.test\",")), Settings("https://sso.test")));
    }

    [Fact]
    public void An_issuer_with_several_audiences_asks_each_route_which_it_is()
    {
        var settings = Settings("https://sso.test");
        settings["Gateway:Issuers:sso:Audiences:1"] = "b";
        Assert.Contains("Routes:0:Audiences: is missing", Assert.Single(TestGateway.Mistakes(Routes(GoodRoute), new(settings))), StringComparison.Ordinal);
        Assert.Empty(TestGateway.Mistakes(Routes(GoodRoute.Insert(1, "\"Audiences\":[\"b\"],")), new(settings)));
        Assert.Contains("'c' is not among", Assert.Single(TestGateway.Mistakes(Routes(GoodRoute.Insert(1, "\"Audiences\":[\"c\"],")), settings)), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_issuer_only_open_routes_make_sense()
    {
        Assert.Contains("names nobody", Assert.Single(TestGateway.Mistakes(Routes(GoodRoute), [])), StringComparison.Ordinal);
        Assert.Empty(TestGateway.Mistakes(Routes(GoodRoute.Insert(1, "\"AuthenticationOptions\":{\"AllowAnonymous\":true},")), []));
    }

    [Fact]
    public void A_scope_on_an_open_route_is_a_mistake() => Assert.Contains(
        "would never be looked at",
        Assert.Single(TestGateway.Mistakes(Routes(GoodRoute.Insert(1, "\"AuthenticationOptions\":{\"AllowAnonymous\":true,\"AllowedScopes\":[\"a\"]},")), Settings("https://sso.test"))),
        StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_missing_or_no_JSON_is_told_as_such()
    {
        var settings = Settings("https://sso.test");
        settings["Gateway:Ocelot"] = "nowhere.json";
        Assert.Contains("there is no file 'nowhere.json'", Assert.Single(TestGateway.Mistakes("", settings)), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Single(TestGateway.Mistakes("{", Settings("https://sso.test"))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_switch_that_believes_any_forwarded_address_is_refused()
    {
        var settings = Settings("https://sso.test");
        settings["FORWARDEDHEADERS_ENABLED"] = "true";
        Assert.Single(TestGateway.Mistakes(Routes(GoodRoute), settings));
    }

    [Fact]
    public async Task Comments_trailing_commas_and_names_in_any_case_are_read_and_the_environment_wins_over_the_file()
    {
        var clock = new FakeClock();
        await using var upstream = new RawServer();
        await using var issuer = new TestIssuer(clock);
        var json = $$"""
            { // one route
              "routes": [ { "upstreamPathTemplate": "/orders", "DOWNSTREAMPATHTEMPLATE": "/file", "DownstreamScheme": "http",
                "DownstreamHostAndPorts": [ { "host": "127.0.0.1", "port": {{upstream.Port}} }, ], }, ],
            }
            """;
        await using var gateway = await TestGateway.StartAsync(clock, issuer, json, new() { ["Routes:0:DownstreamPathTemplate"] = "/environment" });
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal("/environment", upstream.Last.Target);
    }

    [Theory]
    [InlineData("Claims[a] > value", "a", null)]
    [InlineData("Claims[http://schemas.test/role] > value", "http://schemas.test/role", null)]
    [InlineData("Claims[a]>value[2]>|,", "a", 2)]
    public void The_claims_language_is_read(string text, string claim, int? index)
    {
        Assert.True(ClaimExpression.TryParse(text, out var expression, out _));
        Assert.Equal(claim, expression.Claim);
        Assert.Equal(index is null, expression.IsWhole);
    }

    [Theory]
    [InlineData("")]
    [InlineData("value")]
    [InlineData("Claims[a]")]
    [InlineData("claims[a] > value")]
    [InlineData("Claims[] > value")]
    [InlineData("Claims[a] > other")]
    [InlineData("Claims[a] > value[x] > |")]
    [InlineData("Claims[a] > value[-1] > |")]
    [InlineData("Claims[a] > value > | > more")]
    public void A_wrong_expression_is_refused(string text) => Assert.False(ClaimExpression.TryParse(text, out _, out _));

    [Fact]
    public async Task The_program_names_its_mistakes_and_ends_with_1_and_without_a_stack_trace()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Anthane.Gateway.dll"), "--environment", "Production", "--Gateway:Ocelot=nowhere.json", "--Gateway:StrictConfiguration=maybe" },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("there is no file 'nowhere.json'", error, StringComparison.Ordinal);
        Assert.Contains("'maybe' must be true or false", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static string Routes(params string[] routes) => $$"""{"Routes":[{{string.Join(',', routes)}}]}""";

    private static Dictionary<string, string?> Settings(string authority) =>
        new() { ["Gateway:Issuers:sso:Authority"] = authority, ["Gateway:Issuers:sso:Audiences:0"] = "a" };
}
