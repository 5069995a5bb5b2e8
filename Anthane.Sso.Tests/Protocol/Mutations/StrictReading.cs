using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>
/// The reference that the server is held against: reads a spoiled request from its bytes and says why nobody should accept it.
/// It shares no code with the server, and where two readers could differ it refuses.
/// </summary>
internal static partial class StrictReading
{
    private static readonly JsonDocumentOptions StrictJson = new() { AllowDuplicateProperties = false };

    /// <summary>Why the request must be refused; null when it may be accepted.</summary>
    /// <param name="endpoint">Where it goes.</param>
    /// <param name="good">The request that it was made from.</param>
    /// <param name="sent">It.</param>
    /// <param name="resigned">A parameter that is judged already, since it was signed anew.</param>
    public static string? Problem(MutatedEndpoint endpoint, WireRequest good, WireRequest sent, string? resigned)
    {
        if (!endpoint.OtherMethods.Append(good.Method).Contains(sent.Method))
        {
            return "another method";
        }

        if (endpoint.IsAskedByAnybody)
        {
            return null;
        }

        return Header(endpoint, good, sent) ?? (endpoint.Place is ParameterPlace.Json ? Json(sent) : Fields(endpoint, good, sent, resigned));
    }

    private static string? Header(MutatedEndpoint endpoint, WireRequest good, WireRequest sent)
    {
        if (sent.All("Content-Type").Length > 0 && endpoint.Place is not (ParameterPlace.Address or ParameterPlace.Nowhere) && sent.Method is "POST" or "PUT")
        {
            return "a second content type";
        }

        if (!endpoint.IsForPrograms)
        {
            return null;
        }

        var (expected, actual) = (good.All("Authorization"), sent.All("Authorization"));
        if (expected.Length != actual.Length || (expected.Length == 1 && !IsSame(expected[0], actual[0])))
        {
            return "another Authorization header";
        }

        return endpoint.ReadsProofs && sent.All("DPoP").Length != good.All("DPoP").Length ? "a proof that is none" : null;
    }

    /// <summary>RFC 9110 section 11.4: the scheme in any case, blanks between, and then exactly the credentials.</summary>
    private static bool IsSame(string expected, string actual)
    {
        var parts = expected.Split(' ', 2);
        return actual.StartsWith(parts[0] + " ", StringComparison.OrdinalIgnoreCase) && actual[parts[0].Length..].Trim(' ') == parts[1];
    }

    private static string? Json(WireRequest sent)
    {
        if (sent.Method is not ("POST" or "PUT"))
        {
            return null;
        }

        if (!JsonType().IsMatch(sent.ContentType ?? ""))
        {
            return "another content type";
        }

        try
        {
            var bytes = Encoding.Latin1.GetBytes(sent.Body ?? "");
            using var json = JsonDocument.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), StrictJson);
            return json.RootElement.ValueKind is JsonValueKind.Object ? null : "no object";
        }
        catch (Exception unreadable) when (unreadable is JsonException or DecoderFallbackException)
        {
            return "no JSON that is read in one way alone";
        }
    }

    private static string? Fields(MutatedEndpoint endpoint, WireRequest good, WireRequest sent, string? resigned)
    {
        var inBody = endpoint.Place is not (ParameterPlace.Address or ParameterPlace.Nowhere) && good.Form is not null;
        if (inBody && !FormType().IsMatch(sent.ContentType ?? ""))
        {
            return "another content type";
        }

        if (endpoint.Place is ParameterPlace.Form && sent.Query.Count > 0)
        {
            return "parameters in the address";
        }

        var fields = Read(endpoint, sent);
        if (fields.GroupBy(field => field.Name).FirstOrDefault(group => group.Key != "resource" && group.Count() > 1) is { } twice)
        {
            return $"{twice.Key} came twice";
        }

        if (fields.Any(field => field.Value.Contains('\0', StringComparison.Ordinal)))
        {
            return "a NUL";
        }

        var wanted = Read(endpoint, good).ToLookup(field => field.Name, field => field.Value);
        var there = fields.Where(field => field.Value.Length > 0).ToLookup(field => field.Name, field => field.Value);
        return endpoint.Required.FirstOrDefault(name => !there.Contains(name)) is { } missing ? $"{missing} is missing"
            : endpoint.Exact.FirstOrDefault(name => name != resigned && there.Contains(name) && there[name].First() != wanted[name].FirstOrDefault()) is { } wrong ? $"{wrong} is wrong"
            : endpoint.Rules.FirstOrDefault(rule => there[rule.Key].Any(value => !rule.Value(value))) is { Key: { } bad } ? $"{bad} breaks its rule"
            : null;
    }

    private static List<(string Name, string Value)> Read(MutatedEndpoint endpoint, WireRequest request)
    {
        var inForm = request.Form ?? [];
        IEnumerable<WireField> fields = endpoint.Place switch
        {
            ParameterPlace.Nowhere => [],
            ParameterPlace.Address => request.Query,
            ParameterPlace.Both => request.Query.Concat(inForm),
            _ => inForm,
        };
        return [.. fields.Select(field => (field.ReadName, field.ReadValue))];
    }

    [GeneratedRegex("^application/x-www-form-urlencoded *(; *charset=\"?utf-8\"?)?$", RegexOptions.IgnoreCase)]
    private static partial Regex FormType();

    [GeneratedRegex("^application/json *(; *charset=\"?utf-8\"?)?$", RegexOptions.IgnoreCase)]
    private static partial Regex JsonType();
}
