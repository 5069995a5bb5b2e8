namespace Anthane.Demo.Orders;

/// <summary>
/// The internal service: it never sees a token. Who calls stands in x-jwt-* headers, which only the gateway can set,
/// since only the gateway reaches this address. It must not know the SSO, its keys or its clients.
/// </summary>
internal static class OrdersApi
{
    public static WebApplication Build(Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Anthane.Demo",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Development,
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<OrderBook>();
        configure(builder);

        var app = builder.Build();
        app.MapGet("/public/time", (TimeProvider clock) => new { now = clock.GetUtcNow() });
        var orders = app.MapGroup("/orders");
        orders.MapGet("/whoami", WhoAmI);
        orders.MapGet("/", (HttpRequest request, OrderBook book) => Caller.From(request) is { } caller ? Results.Ok(book.Of(caller)) : NoCaller());
        orders.MapGet("/{id:long}", Find);
        orders.MapPost("/", Place);
        return app;
    }

    private static IResult Find(long id, HttpRequest request, OrderBook book)
    {
        if (Caller.From(request) is not { } caller)
        {
            return NoCaller();
        }

        // Someone else's order and no order at all are the same answer.
        return book.Of(caller).FirstOrDefault(order => order.Id == id) is { } found ? Results.Ok(found) : Results.NotFound();
    }

    private static IResult Place(NewOrder order, HttpRequest request, OrderBook book)
    {
        if (Caller.From(request) is not { } caller)
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

    private static IResult WhoAmI(HttpRequest request)
    {
        // Underscores too: some stacks take x_jwt_email for x-jwt-email, so one that arrived would matter.
        var received = request.Headers
            .Where(header => header.Key.Replace('_', '-').StartsWith("x-jwt", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.Count == 1 ? (object?)header.Value[0] : header.Value.ToArray());
        return Results.Json(received);
    }

    private static IResult NoCaller() => Results.Problem("No x-jwt-sub header: this service is reached through the gateway.", statusCode: StatusCodes.Status401Unauthorized);
}
