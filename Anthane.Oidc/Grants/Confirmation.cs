using System.Text.Json;

namespace Anthane.Oidc.Grants;

/// <summary>What kind of key a token is bound to (RFC 7800).</summary>
internal enum ConfirmationKind
{
    /// <summary>A DPoP key (RFC 9449 section 6).</summary>
    Jkt,

    /// <summary>A client certificate (RFC 8705 section 3).</summary>
    X5tS256,
}

/// <summary>The key that the sender of a token must prove to have, by its SHA-256 thumbprint in base64url. A bound token is worthless to whoever only stole it.</summary>
internal sealed record Confirmation(ConfirmationKind Kind, string Thumbprint)
{
    private const string Jkt = "jkt";
    private const string X5tS256 = "x5t#S256";

    private string Member => Kind is ConfirmationKind.Jkt ? Jkt : X5tS256;

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    public static Confirmation Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return text[..Math.Max(colon, 0)] switch
        {
            Jkt => new Confirmation(ConfirmationKind.Jkt, text[(colon + 1)..]),
            X5tS256 => new Confirmation(ConfirmationKind.X5tS256, text[(colon + 1)..]),
            _ => throw new FormatException("A confirmation is jkt or x5t#S256, a colon and a thumbprint."),
        };
    }

    /// <summary>Reads the cnf claim of a token that this server has signed.</summary>
    public static Confirmation OfClaim(JsonElement cnf)
    {
        var member = cnf.EnumerateObject().Single();
        return Parse($"{member.Name}:{member.Value.GetString()}");
    }

    /// <summary>Writes the cnf claim.</summary>
    public void WriteClaim(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("cnf");
        writer.WriteString(Member, Thumbprint);
        writer.WriteEndObject();
    }

    /// <summary>As a column holds it, for example <c>jkt:0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I</c>.</summary>
    public override string ToString() => $"{Member}:{Thumbprint}";
}
