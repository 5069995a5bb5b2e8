using System.Buffers;

namespace Anthane.Gateway.Hosting;

/// <summary>RequestIdKey: the header by which a request is followed through services and logs. A caller's own id is kept when it is one.</summary>
internal static class RequestIds
{
    private const int Longest = 128;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+=|");

    public static void Apply(HttpContext context, string header)
    {
        var sent = context.Request.Headers[header];
        if (sent is [{ Length: > 0 and <= Longest } id] && !id.AsSpan().ContainsAnyExcept(Characters))
            context.TraceIdentifier = id;
        else
            context.Request.Headers[header] = context.TraceIdentifier;
    }
}
