namespace Anthane.Demo.Orders;

/// <summary>Who calls, by what the gateway wrote into the request.</summary>
internal static class Caller
{
    /// <summary>The subject, or null when the request did not come through the gateway.</summary>
    public static string? From(HttpRequest request) =>
        request.Headers["x-jwt-sub"] is [{ Length: > 0 } sub] ? Uri.UnescapeDataString(sub) : null;
}
