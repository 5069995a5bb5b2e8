using System.Buffers.Text;
using System.Text;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Changes a few characters.</summary>
internal static class TextAccidents
{
    private const string Letters = "abcXYZ019-_.=+/ ,{}[]\":\\u0\t";

    /// <summary>The text with one accident; it differs from what it was.</summary>
    public static string Change(string text, Chance chance)
    {
        var changed = text;
        while (changed == text)
        {
            if (text.Length == 0)
            {
                return Letters[chance.Below(Letters.Length)].ToString();
            }

            var at = chance.Below(text.Length);
            var length = Math.Min(1 + chance.Below(8), text.Length - at);
            changed = chance.Below(6) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                2 => text.Insert(at, Letters[chance.Below(Letters.Length)].ToString()),
                3 => text[..at] + Letters[chance.Below(Letters.Length)] + text[(at + 1)..],
                4 => chance.Below(2) == 0 ? text + " " : " " + text,
                _ => text[..at] + (char.IsUpper(text[at]) ? char.ToLowerInvariant(text[at]) : char.ToUpperInvariant(text[at])) + text[(at + 1)..],
            };
        }

        return changed;
    }
}

/// <summary>Takes a JWT apart and puts it together so that nobody may believe it: its signature is never made anew.</summary>
internal static class TokenMutations
{
    public static string Spoil(string token, Chance chance)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
        {
            return token + ".";
        }

        var (header, claims, signature) = (parts[0], parts[1], parts[2]);
        if (header.Length < 5 || signature.Length < 5 || parts.Any(part => !Base64Url.IsValid(part)))
        {
            // Spoiled already.
            return token + ".";
        }

        var head = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(header));
        var body = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(claims));
        return chance.Below(14) switch
        {
            0 => $"{header}.{claims}.",
            1 => $"{header}.{claims}",
            2 => $"{header}.{claims}.{signature}.{signature}",
            3 => $"{claims}.{header}.{signature}",
            4 => $"{header}.{claims}.{signature}=",
            5 => $"{Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{claims}.",
            6 => $"{Base64UrlEncoder.Encode(head.Insert(1, "\"alg\":\"none\","))}.{claims}.{signature}",
            7 => $"{Base64UrlEncoder.Encode(head.Insert(1, "\"crit\":[\"b64\"],\"b64\":false,"))}.{claims}.{signature}",
            8 => $"{Base64UrlEncoder.Encode(head.Insert(1, "\"jku\":\"http://127.0.0.1:1/\","))}.{claims}.{signature}",
            9 => $"{header}.{Base64UrlEncoder.Encode(TextAccidents.Change(body, chance))}.{signature}",
            10 => $"{Base64UrlEncoder.Encode(TextAccidents.Change(head, chance))}.{claims}.{signature}",
            11 => $"{header}.{claims}.{Flip(signature, chance)}",
            12 => $"{header}.{claims}.{signature[..^1]}{(char)(signature[^1] + 1)}",
            _ => $"{header[..4]} {header[4..]}.{claims}.{signature}",
        };
    }

    private static string Flip(string signature, Chance chance)
    {
        var bytes = Base64UrlEncoder.DecodeBytes(signature);
        bytes[chance.Below(bytes.Length)] ^= (byte)(1 << chance.Below(8));
        return Base64UrlEncoder.Encode(bytes);
    }
}
