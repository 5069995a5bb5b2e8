using System.Collections.Concurrent;

namespace Anthane.Demo.Orders;

/// <summary>An order as the API shows it.</summary>
internal sealed record Order(long Id, string Item, int Quantity, DateTimeOffset PlacedAt);

/// <summary>An order as a caller sends it.</summary>
internal sealed record NewOrder(string? Item, int Quantity)
{
    public IDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (string.IsNullOrWhiteSpace(Item) || Item.Length > 80)
        {
            problems["item"] = ["Say what to order, in 1 to 80 characters."];
        }

        if (Quantity is < 1 or > 99)
        {
            problems["quantity"] = ["Order between 1 and 99."];
        }

        return problems;
    }
}

/// <summary>The orders of each subject, newest first, in memory: they are gone when the demo ends.</summary>
internal sealed class OrderBook(TimeProvider clock)
{
    private const int KeptForEach = 100;
    private readonly ConcurrentDictionary<string, IReadOnlyList<Order>> orders = new(StringComparer.Ordinal);
    private long last = 1000;

    public IReadOnlyList<Order> Of(string subject) => orders.GetValueOrDefault(subject, []);

    public Order Place(string subject, NewOrder order)
    {
        var placed = new Order(Interlocked.Increment(ref last), order.Item!.Trim(), order.Quantity, clock.GetUtcNow());
        orders.AddOrUpdate(subject, _ => [placed], (_, before) => [placed, .. before.Take(KeptForEach - 1)]);
        return placed;
    }
}
