using Anthane.Gateway.Routing;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Which addresses a template of ocelot.json stands for, and what its service is called with (Ocelot's rules).</summary>
public sealed class RouteMatchingTests
{
    [Theory]
    [InlineData("/", "/", true)]
    [InlineData("/", "/x", false)]
    [InlineData("/{everything}", "/", true)]
    [InlineData("/{everything}", "/a/b/c/", true)]
    [InlineData("/api/v{v}/cards", "/api/v1/cards", true)]
    [InlineData("/api/v{v}/cards", "/api/v1/aaa/cards", false)]
    [InlineData("/api/v{v}/cards", "/api/v/cards", false)]
    [InlineData("/api/v{v}/cards", "/api/v1/cards/", false)]
    [InlineData("/api/products", "/api/products", true)]
    [InlineData("/api/products", "/API/Products", true)]
    [InlineData("/api/products", "/api/products/", false)]
    [InlineData("/api/products/", "/api/products/", true)]
    [InlineData("/api/products/", "/api/products", true)]
    [InlineData("/api/products/", "/api/products/1", false)]
    [InlineData("/api/products", "/api/product", false)]
    [InlineData("/api/products", "/api/products1", false)]
    [InlineData("/api/{x}", "/api", true)]
    [InlineData("/api/{x}", "/api/", true)]
    [InlineData("/api/{x}", "/api/1/2", true)]
    [InlineData("/api/{x}", "/api123", false)]
    [InlineData("/{a}/{b}", "/one", true)]
    [InlineData("/{a}/{b}", "/one/two/three", true)]
    [InlineData("/{a}/fixed/{b}", "/one/fixed", true)]
    [InlineData("/{a}/fixed/{b}", "/one/two/fixed", false)]
    [InlineData("/{a}/fixed/{b}", "//fixed/x", false)]
    [InlineData("/a.b", "/a.b", true)]
    [InlineData("/a.b", "/axb", false)]
    [InlineData("/a+b(c)", "/a+b(c)", true)]
    [InlineData("/a+b", "/aab", false)]
    [InlineData("/inv_{a}/{b}-{c}_x/{d}", "/inv_1/2-3_x/4", true)]
    [InlineData("/inv_{a}/{b}-{c}_x/{d}", "/inv_1/2-3_y/4", false)]
    [InlineData("/inv_{a}/{b}-{c}_x/{d}", "/inv_/2-3_x/4", false)]
    [InlineData("/x-{a}", "/x-", true)]
    [InlineData("/x-{a}", "/x-1/2", true)]
    [InlineData("/x-{a}", "/x", false)]
    [InlineData("/{a}{b}/c", "/xy/c", true)]
    [InlineData("/{a}{b}/c", "/x/c", false)]
    [InlineData("/{a", "/{a", true)]
    [InlineData("/{a", "/x", false)]
    [InlineData("/{}", "/{}", true)]
    public void A_template_stands_for_these_addresses(string template, string path, bool matches) => Assert.Equal(matches, Match(template, path, "") is not null);

    [Theory]
    [InlineData("/api?id={id}", "?id=1", true)]
    [InlineData("/api?id={id}", "", false)]
    [InlineData("/api?id={id}", "?other=1", false)]
    [InlineData("/api?id={id}", "?id=1&more=2", true)]
    [InlineData("/api?id={id}", "?more=2&id=1", false)]
    [InlineData("/api?id={id}", "?ID=1", true)]
    [InlineData("/api?a={a}&b={b}", "?a=1&b=2", true)]
    [InlineData("/api?a={a}&b={b}", "?a=1&c=2&b=3", false)]
    [InlineData("/api?a={a}&b={b}", "?a=&b=", true)]
    [InlineData("/api?a={a}&fixed=1", "?a=5&fixed=1", true)]
    [InlineData("/api?a={a}&fixed=1", "?a=5&fixed=12", false)]
    [InlineData("/api?{everything}", "", true)]
    [InlineData("/api?{everything}", "?a=1&b=2", true)]
    [InlineData("/api", "?a=1", true)]
    public void A_query_in_a_template_must_be_there_from_the_start(string template, string query, bool matches) =>
        Assert.Equal(matches, Match(template, "/api", query) is not null);

    [Theory]
    [InlineData("/API/x", false)]
    [InlineData("/api/x", true)]
    public void A_route_can_tell_upper_from_lower_case(string path, bool matches) =>
        Assert.Equal(matches, Table(Route("/api/{x}", caseSensitive: true)).Find("GET", "h", path, "") is not null);

    [Theory]
    [InlineData("/api/{x}", "/v1/{x}", "/api/1/2", "", "/v1/1/2")]
    [InlineData("/api/{x}", "/v1/{x}", "/api", "", "/v1")]
    [InlineData("/api/{x}", "/v1/{x}", "/api/", "", "/v1/")]
    [InlineData("/{everything}", "/{everything}", "/", "", "/")]
    [InlineData("/{everything}", "/{everything}", "/a/b/", "?c=d", "/a/b/?c=d")]
    [InlineData("/{a}/{b}/{c}", "/{c}/{b}/{a}", "/1/2/3/4", "", "/3/4/2/1")]
    [InlineData("/inv_{a}/{b}-{c}_x/{d}", "/{a}/{b}/{c}/{d}", "/inv_1/2-3-4_x/5/6", "", "/1/2-3/4/5/6")]
    [InlineData("/api/{x}", "/v1/{y}/{x}", "/api/1", "", "/v1/%7By%7D/1")]
    [InlineData("/api/{x}", "/v1/{x}", "/api/ü %?", "", "/v1/%C3%BC%20%25%3F")]
    [InlineData("/api/{x}", "/v1/{x}", "/api/a(b)+c,d=e", "", "/v1/a(b)+c,d=e")]
    [InlineData("/api/{x}", "/v1/{x}", "/api/🎩", "", "/v1/%F0%9F%8E%A9")]
    [InlineData("/api", "/v1", "/api", "?a=1&a=2&b=%20+", "/v1?a=1&a=2&b=%20+")]
    [InlineData("/units/{id}", "/v1/{id}", "/units/7", "?id=8&idx=9&xid=1", "/v1/7?idx=9&xid=1")]
    [InlineData("/units/{id}", "/v1/{id}", "/units/7", "?ID=8&b=9", "/v1/7?b=9")]
    [InlineData("/units/{id}", "/v1?unit={id}", "/units/7", "", "/v1?unit=7")]
    [InlineData("/units/{id}", "/v1?unit={id}", "/units/a&b=c", "", "/v1?unit=a%26b%3Dc")]
    [InlineData("/units/{id}", "/v1?unit={id}", "/units/7", "?unit=8&id=9&ID=10&more=1&more=2", "/v1?unit=7&ID=10&more=1&more=2")]
    [InlineData("/units?id={id}", "/v1/{id}", "/units", "?id=7&more=1", "/v1/7?more=1")]
    [InlineData("/units?id={id}", "/v1/{id}", "/units", "?id=a%20b", "/v1/a%20b")]
    [InlineData("/units?id={id}", "/v1?unit={id}", "/units", "?id=a%20b+c", "/v1?unit=a%20b+c")]
    [InlineData("/odata?{q}", "/v1?{q}", "/odata", "?$filter=Name%20eq%20'x'&$top=1", "/v1?$filter=Name%20eq%20'x'&$top=1")]
    [InlineData("/odata?{q}", "/v1?{q}", "/odata", "", "/v1")]
    public void A_service_is_called_with_what_the_placeholders_stood_for(string upstream, string downstream, string path, string query, string target) =>
        Assert.Equal(target, Table(Route(upstream, downstream)).Find("GET", "h", path, query)!.Target());

    [Theory]
    [InlineData("/v/{a}-{b}-{c}", "/x/{b}/y", "/v/1-..-2", "")]
    [InlineData("/v/{a}-{b}", "/x/.{a}/y", "/v/.-2", "")]
    [InlineData("/v?id={id}", "/x/{id}", "/v", "?id=..")]
    [InlineData("/v?id={id}", "/x/{id}", "/v", "?id=a%2Fb")]
    [InlineData("/v?id={id}", "/x/{id}", "/v", "?id=a%5Cb")]
    [InlineData("/v?id={id}", "/x/{id}", "/v", "?id=a%0Ab")]
    [InlineData("/v?id={id}", "/x/{id}", "/v", "?id=a%3Bb")]
    public void A_placeholder_cannot_change_where_a_path_leads(string upstream, string downstream, string path, string query) =>
        Assert.Null(Table(Route(upstream, downstream)).Find("GET", "h", path, query)!.Target());

    [Fact]
    public void A_placeholder_that_could_stand_for_much_takes_as_much_as_it_can_and_no_input_makes_that_slow()
    {
        Assert.Equal(["1-2", "3"], Match("/{a}-{b}", "/1-2-3", "")!);
        Assert.Equal(["1-2", "3/4-5"], Match("/{a}-{b}", "/1-2-3/4-5", "")!);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Null(Match("/{a}-{b}-{c}-{d}-{e}-{f}!/x", "/" + new string('-', 8_000) + "/x", ""));
        // Trying every split would take years, and a busy machine some milliseconds more.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_first_of_the_highest_priority_wins_and_the_catch_all_comes_last()
    {
        var table = Table(Route("/{everything}", priority: 99), Route("/a/{x}"), Route("/a/b"), Route("/a/c", priority: 2), Route("/"));
        Assert.Equal("/a/{x}", Winner(table, "/a/b"));
        Assert.Equal("/a/c", Winner(table, "/a/c"));
        Assert.Equal("/", Winner(table, "/"));
        Assert.Equal("/{everything}", Winner(table, "/z"));
    }

    [Fact]
    public void A_route_for_a_host_wins_over_one_for_any_whatever_their_priorities()
    {
        var table = Table(Route("/a", priority: 9), Route("/a", host: "one.test"), Route("/b", host: "two.test"));
        Assert.Equal("one.test", table.Find("GET", "one.test", "/a", "")!.Route.Host);
        Assert.Equal("one.test", table.Find("GET", "ONE.test", "/a", "")!.Route.Host);
        Assert.Null(table.Find("GET", "three.test", "/a", "")!.Route.Host);
        Assert.Null(table.Find("GET", "one.test", "/b", ""));
    }

    [Fact]
    public void A_route_takes_the_methods_it_names_or_any()
    {
        var table = Table(Route("/a", methods: ["GET", "POST"]), Route("/b"));
        Assert.NotNull(table.Find("POST", "h", "/a", ""));
        Assert.Null(table.Find("PUT", "h", "/a", ""));
        Assert.NotNull(table.Find("PUT", "h", "/b", ""));
    }

    private static string Winner(RouteTable table, string path) => table.Find("GET", "h", path, "")!.Route.Upstream.Text;

    private static string[]? Match(string template, string path, string query)
    {
        var match = Table(Route(template)).Find("GET", "h", path, query);
        return match is null ? null : [.. Enumerable.Range(0, match.Route.Upstream.Placeholders.Count).Select(match.Value)];
    }

    private static RouteTable Table(params Route[] routes) => new(routes.Select((route, index) => route with { Index = index }));

    private static Route Route(string upstream, string? downstream = null, string? host = null, int priority = 1, bool caseSensitive = false, params string[] methods)
    {
        var template = PathTemplate.Parse(upstream, caseSensitive);
        return new Route
        {
            Index = 0, Upstream = template, Downstream = new DownstreamTemplate(downstream ?? upstream, template), Authority = "service:80",
            Policy = new RoutePolicy(), Host = host, Priority = priority, Methods = methods,
        };
    }
}
