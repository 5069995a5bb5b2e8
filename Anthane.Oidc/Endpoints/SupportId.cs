using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints;

/// <summary>A short id for one request: shown to whoever is refused, and in every log line about it.</summary>
public static class SupportId
{
    private const string Alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static readonly object Key = new();

    /// <summary>The id of this request, made at the first call: ten characters that can be read out on the telephone.</summary>
    public static string Of(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.Items[Key] is string known)
        {
            return known;
        }

        var made = RandomNumberGenerator.GetString(Alphabet, 10);
        http.Items[Key] = made;
        return made;
    }
}
