using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Anthane.Oidc.Clients;

/// <summary>One part of a distinguished name: the type's OID and the value.</summary>
internal readonly record struct NamePart(string Type, string Value);

/// <summary>Distinguished names as RFC 4514 writes them, most specific part first, compared part by part. Parts with several values and values in hexadecimal are not supported.</summary>
internal static class DistinguishedNames
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["CN"] = "2.5.4.3", ["L"] = "2.5.4.7", ["ST"] = "2.5.4.8", ["O"] = "2.5.4.10", ["OU"] = "2.5.4.11", ["C"] = "2.5.4.6", ["STREET"] = "2.5.4.9",
        ["DC"] = "0.9.2342.19200300.100.1.25", ["UID"] = "0.9.2342.19200300.100.1.1", ["SERIALNUMBER"] = "2.5.4.5", ["E"] = "1.2.840.113549.1.9.1", ["EMAILADDRESS"] = "1.2.840.113549.1.9.1",
        ["ORGANIZATIONIDENTIFIER"] = "2.5.4.97", ["BUSINESSCATEGORY"] = "2.5.4.15", ["JURISDICTIONC"] = "1.3.6.1.4.1.311.60.2.1.3",
    };

    /// <summary>The parts of a certificate's name; null when one of them has several values or is no text.</summary>
    public static IReadOnlyList<NamePart>? Of(X500DistinguishedName name)
    {
        try
        {
            var parts = name.EnumerateRelativeDistinguishedNames(reversed: true)
                .Select(part => part.HasMultipleElements ? default(NamePart?) : new NamePart(part.GetSingleElementType().Value!, part.GetSingleElementValue() ?? ""))
                .ToList();
            return parts.TrueForAll(part => part is { Value.Length: > 0 }) ? [.. parts.Select(part => part!.Value)] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The parts of a written name; null when it cannot be read.</summary>
    public static IReadOnlyList<NamePart>? Parse(string text)
    {
        var parts = new List<NamePart>();
        var rest = text.AsSpan();
        do
        {
            var equals = rest.IndexOf('=');
            if (equals < 0 || TypeOf(rest[..equals].Trim().ToString()) is not { } type)
            {
                return null;
            }

            if (Value(rest[(equals + 1)..], out var length) is not { Length: > 0 } value)
            {
                return null;
            }

            parts.Add(new NamePart(type, value));
            rest = rest[(equals + 1 + length)..];
            if (rest.Length == 1)
            {
                return null;
            }

            rest = rest.IsEmpty ? rest : rest[1..];
        }
        while (!rest.IsEmpty);
        return parts;
    }

    private static string? TypeOf(string name) =>
        Types.GetValueOrDefault(name) ?? (name.Length > 2 && name.All(c => char.IsAsciiDigit(c) || c == '.') && name.Contains('.', StringComparison.Ordinal) ? name : null);

    /// <summary>Reads up to the next comma that is not escaped (RFC 4514 section 3).</summary>
    private static string? Value(ReadOnlySpan<char> text, out int length)
    {
        var bytes = new List<byte>();
        var significant = 0;
        for (length = 0; length < text.Length && text[length] != ','; length++)
        {
            var c = text[length];
            if (c == '\\')
            {
                if (!TryEscaped(text[(length + 1)..], bytes, out var used))
                {
                    return null;
                }

                length += used;
                significant = bytes.Count;
            }
            else if (c is '"' or '+' or ';' or '<' or '>' or '\0' or '\\' || (c == '#' && bytes.Count == 0))
            {
                return null;
            }
            else if (c != ' ' || bytes.Count > 0)
            {
                var rune = char.IsHighSurrogate(c) && length + 1 < text.Length ? text.Slice(length++, 2) : text.Slice(length, 1);
                bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
                significant = c == ' ' ? significant : bytes.Count;
            }
        }

        return Encoding.UTF8.GetString([.. bytes.Take(significant)]);
    }

    private static bool TryEscaped(ReadOnlySpan<char> text, List<byte> bytes, out int used)
    {
        used = 1;
        if (text.Length >= 2 && char.IsAsciiHexDigit(text[0]) && char.IsAsciiHexDigit(text[1]))
        {
            used = 2;
            bytes.Add(Convert.FromHexString(text[..2])[0]);
            return true;
        }

        if (text.IsEmpty || text[0] is not (' ' or '"' or '#' or '+' or ',' or ';' or '<' or '=' or '>' or '\\'))
        {
            return false;
        }

        bytes.Add((byte)text[0]);
        return true;
    }
}
