using Anthane.Samples;

namespace Anthane.Demo.Orders;

/// <summary>
/// The internal service: it never sees a token. Who calls stands in x-jwt-* headers, and in an assertion of them that the
/// gateway signed. It knows the gateway's keys; it must not know the SSO, its keys or its clients.
/// </summary>
internal static class OrdersApi
{
    /// <summary>What the gateway's routes call this service.</summary>
    public const string Service = "orders";

    public static WebApplication Build(DemoAddresses addresses, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Anthane.Demo",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Development,
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<OrderBook>();
        builder.Services.AddSingleton<Caller>();
        configure(builder);
        var keys = new Uri(builder.Configuration["Orders:GatewayKeys"] ?? addresses.Gateway + "/.well-known/anthane-gateway/jwks.json");
        builder.Services.AddSingleton(_ => new HttpClient { Timeout = TimeSpan.FromSeconds(5) });
        builder.Services.AddSingleton(services =>
            new AssertionVerifier(services.GetRequiredService<HttpClient>(), keys, addresses.Gateway, Service, services.GetRequiredService<TimeProvider>()));

        var app = builder.Build();
        app.MapGet("/public/time", (TimeProvider clock) => new { now = clock.GetUtcNow() });
        var orders = app.MapGroup("/orders");
        orders.MapGet("/whoami", WhoAmI);
        orders.MapGet("/", async (HttpRequest request, OrderBook book, Caller callers) =>
            await callers.FromAsync(request) is { } caller ? Results.Ok(book.Of(caller)) : NoCaller());
        orders.MapGet("/{id:long}", Find);
        orders.MapPost("/", Place);
        return app;
    }

    private static async Task<IResult> Find(long id, HttpRequest request, OrderBook book, Caller callers)
    {
        if (await callers.FromAsync(request) is not { } caller)
        {
            return NoCaller();
        }

        // Someone else's order and no order at all are the same answer.
        return book.Of(caller).FirstOrDefault(order => order.Id == id) is { } found ? Results.Ok(found) : Results.NotFound();
    }

    private static async Task<IResult> Place(NewOrder order, HttpRequest request, OrderBook book, Caller callers)
    {
        if (await callers.FromAsync(request) is not { } caller)
        {
            return NoCaller();
        }

        if (order.Problems() is { Count: > 0 } problems)
        {
            return Results.ValidationProblem(problems);
        }

        var placed = book.Place(caller, order);
        return Results.Created($"/orders/{placed.Id}", placed);
    }

    private static async Task<IResult> WhoAmI(HttpRequest request, Caller callers)
    {
        // Underscores too: some stacks take x_jwt_email for x-jwt-email, so one that arrived would matter.
        var received = request.Headers
            .Where(header => header.Key.Replace('_', '-').StartsWith("x-jwt", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.Count == 1 ? (object?)header.Value[0] : header.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        if (received.ContainsKey(Caller.Assertion))
        {
            // Itself it is nobody's business but this service's.
            received[Caller.Assertion] = await callers.VouchedAsync(request) is { } vouched && vouched.All(header => header.Value.Equals(received.GetValueOrDefault(header.Key)))
                ? "verified: signed by the gateway, and says the same as the headers"
                : "not valid";
        }

        return Results.Json(received);
    }

    private static IResult NoCaller() => Results.Problem("No x-jwt-sub header, or an assertion that does not hold: this service is reached through the gateway.", statusCode: StatusCodes.Status401Unauthorized);
}
