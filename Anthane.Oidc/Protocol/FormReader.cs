using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Anthane.Oidc.Protocol;

/// <summary>Reads the form of a request once, within limits; what breaks them is a refusal, never an exception that escapes.</summary>
internal static class FormReader
{
    private const int MostBytes = 64 * 1024;
    private const int MostParameters = 200;
    private static readonly FormOptions Limits = new()
    {
        ValueCountLimit = MostParameters,
        KeyLengthLimit = 256,
        ValueLengthLimit = MostBytes,
        BufferBody = false,
    };

    /// <summary>The code of a refusal that is answered with 413.</summary>
    public const string TooLarge = "request_too_large";

    public static async ValueTask<Result<Parameters>> ReadAsync(HttpContext http)
    {
        if ((await ReadAnyAsync(http)).Failed(out var unreadable, out var parameters))
        {
            return unreadable;
        }

        if (parameters.Repeated.Count > 0)
        {
            return OidcError.Request("A parameter was sent more than once.", $"repeated: {Shown(parameters.Repeated.First())}");
        }

        return parameters.HoldNul ? OidcError.Request("A parameter holds a NUL character.") : parameters;
    }

    /// <summary>Whatever the form holds, for a reader that decides itself where a refusal of repeated parameters goes.</summary>
    public static async ValueTask<Result<Parameters>> ReadAnyAsync(HttpContext http)
    {
        var request = http.Request;
        if (!MediaTypes.Is(request.ContentType, MediaTypes.Form))
        {
            return OidcError.Request("Send the parameters as application/x-www-form-urlencoded, in UTF-8.");
        }

        if (request.ContentLength > MostBytes)
        {
            return new OidcError(TooLarge, "The request is too large.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MostBytes;
        }

        try
        {
            return Parameters.From(await request.ReadFormAsync(Limits, http.RequestAborted));
        }
        catch (InvalidDataException error)
        {
            return OidcError.Request("The form cannot be read.", error.Message);
        }
        catch (BadHttpRequestException error)
        {
            return error.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? new OidcError(TooLarge, "The request is too large.")
                : OidcError.Request("The form cannot be read.", error.Message);
        }
    }

    /// <summary>A name is input: printable, short, one line.</summary>
    private static string Shown(string name) => new(name.Take(40).Select(c => c is >= ' ' and <= '~' ? c : '?').ToArray());
}
