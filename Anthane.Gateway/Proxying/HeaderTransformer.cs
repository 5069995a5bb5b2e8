using Anthane.Gateway.Limits;
using Anthane.Gateway.Routing;
using Microsoft.Extensions.Primitives;

namespace Anthane.Gateway.Proxying;

/// <summary>Carries out a route's header transforms, after everything else has been written.</summary>
internal static class HeaderTransformer
{
    public static void Apply(IReadOnlyList<HeaderTransform> transforms, HttpContext context, HttpRequestMessage request)
    {
        foreach (var transform in transforms)
        {
            var value = Fill(transform, context);
            if (transform.Find is not null)
                value = Values(request, transform.Name) is { } old ? old.Replace(transform.Find, value, StringComparison.Ordinal) : null;
            if (value is null)
                continue;
            request.Headers.Remove(transform.Name);
            request.Content?.Headers.Remove(transform.Name);
            if (!request.Headers.TryAddWithoutValidation(transform.Name, value))
                request.Content?.Headers.TryAddWithoutValidation(transform.Name, value);
        }
    }

    public static void Apply(IReadOnlyList<HeaderTransform> transforms, HttpContext context, Uri? service, HeaderRules rules, bool forwardCookies)
    {
        var response = context.Response.Headers;
        foreach (var transform in transforms)
        {
            var value = Fill(transform, context);
            if (transform.Find is null)
                response.Append(transform.Name, value);
            else if (response.TryGetValue(transform.Name, out var values) && values.Count > 0)
                response[transform.Name] = ReplaceFirst(values, transform.FindsServiceAddress ? AddressOf(service) : transform.Find, value);
        }

        // What a transform made of a cookie may now have one of the sign-on service's names.
        if (!forwardCookies && response.SetCookie.Count > 0)
            response.SetCookie = response.SetCookie.Where(cookie => !rules.IsOwnedCookie(cookie!)).ToArray();
    }

    private static StringValues ReplaceFirst(StringValues values, string? find, string value)
    {
        var all = values.ToArray();
        if (!string.IsNullOrEmpty(find))
            all[0] = all[0]?.Replace(find, value, StringComparison.Ordinal);
        return all;
    }

    private static string? AddressOf(Uri? service) => service is null ? null : $"{service.GetLeftPart(UriPartial.Authority)}/";

    private static string? Values(HttpRequestMessage request, string name)
    {
        if (request.Headers.NonValidated.TryGetValues(name, out var values) || (request.Content?.Headers.NonValidated.TryGetValues(name, out values) ?? false))
            return values.ToString();
        return null;
    }

    private static string Fill(HeaderTransform transform, HttpContext context)
    {
        if (!transform.HasPlaceholders)
            return transform.Value;
        var address = context.Connection.RemoteIpAddress is { } remote ? ClientAddress.Plain(remote).ToString() : "";
        return transform.Value
            .Replace(TransformPlaceholders.RemoteAddress, address, StringComparison.Ordinal)
            .Replace(TransformPlaceholders.UpstreamHost, context.Request.Host.Value, StringComparison.Ordinal)
            .Replace(TransformPlaceholders.TraceId, context.TraceIdentifier, StringComparison.Ordinal);
    }
}
