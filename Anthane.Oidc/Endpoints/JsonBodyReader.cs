using System.Text.Json;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints;

/// <summary>Reads a body that must be one JSON object of modest size.</summary>
internal static class JsonBodyReader
{
    private const int MostBytes = 64 * 1024;

    public static async Task<Result<JsonElement>> ReadAsync(HttpContext http)
    {
        if (!MediaTypes.Is(http.Request.ContentType, MediaTypes.Json))
        {
            return OidcError.Request("The body must be application/json, in UTF-8.");
        }

        if (http.Request.ContentLength > MostBytes)
        {
            return TooLarge;
        }

        var buffer = new byte[MostBytes + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length > MostBytes)
        {
            return TooLarge;
        }

        return StrictJson.TryReadObject(buffer.AsSpan(0, length)) is { } json ? json : OidcError.Request("The body is not one JSON object, or a member in it comes twice.");
    }

    private static OidcError TooLarge => new(FormReader.TooLarge, "The body is larger than 64 KiB.");
}
