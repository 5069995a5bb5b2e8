using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace Anthane.Sso.Pages.Shared;

/// <summary>One page of a list, and the addresses of its neighbours, which keep every other filter.</summary>
internal sealed record Paged(int First, int Last, int Total, string? Back, string? On)
{
    public const int Size = 25;

    /// <summary>The number of a page that exists: what the address asks for may be anything.</summary>
    public static int Number(string? asked, int total) =>
        int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, Math.Max(1, (total + Size - 1) / Size)) : 1;

    public static Paged Of(HttpRequest request, int number, int total)
    {
        string At(int other) => request.Path + new QueryBuilder(request.Query.Where(entry => entry.Key != "p").SelectMany(entry => entry.Value, (entry, value) => KeyValuePair.Create(entry.Key, value ?? "")))
        {
            { "p", other.ToString(CultureInfo.InvariantCulture) },
        };
        var last = Math.Min(number * Size, total);
        return new Paged(((number - 1) * Size) + 1, last, total, number > 1 ? At(number - 1) : null, last < total ? At(number + 1) : null);
    }
}
