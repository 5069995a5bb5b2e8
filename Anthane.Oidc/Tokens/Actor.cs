using System.Text.Json;

namespace Anthane.Oidc.Tokens;

/// <summary>
/// Who acts for the person of a token (RFC 8693 section 4.1): the last one, and those before it. Only the last one counts for
/// access; the others are there to be read.
/// </summary>
internal sealed record Actor(string Subject, Actor? Before = null)
{
    /// <summary>A longer chain is refused: no honest call passes through so many hands, and tokens must not grow without end.</summary>
    public const int MostDepth = 5;

    public int Depth => 1 + (Before?.Depth ?? 0);

    /// <summary>Reads the act claim of a token that this server has signed.</summary>
    public static Actor OfClaim(JsonElement act) =>
        new(act.GetProperty("sub").GetString()!, act.TryGetProperty("act", out var before) ? OfClaim(before) : null);

    /// <summary>Writes the act claim.</summary>
    public void WriteClaim(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("act");
        writer.WriteString("sub", Subject);
        Before?.WriteClaim(writer);
        writer.WriteEndObject();
    }
}
