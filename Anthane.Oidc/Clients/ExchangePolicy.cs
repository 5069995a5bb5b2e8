using System.Text.Json;

namespace Anthane.Oidc.Clients;

/// <summary>
/// Which tokens of people a client may exchange, and for what (RFC 8693): a service that was called on behalf of a person
/// calls the next one on their behalf. Without one a client exchanges nothing.
/// </summary>
public sealed record ExchangePolicy
{
    /// <summary>Audiences of the APIs whose tokens it may exchange: those that it is, or stands in front of. At least one, at most 50.</summary>
    public List<string> From { get; set; } = [];

    /// <summary>The clients whose tokens it may exchange, by client_id. Empty: those of any client. At most 50.</summary>
    public List<string> Clients { get; set; } = [];

    /// <summary>Audiences of the APIs that it may get tokens for, each with the scopes that it may ask for itself. At least one, at most 50.</summary>
    public List<string> To { get; set; } = [];

    /// <summary>
    /// True: its tokens do not name it as the one who acts (impersonation, RFC 8693 section 1.1), so that an API cannot tell it
    /// from the person's own app. Default false: <c>act</c> names it.
    /// </summary>
    public bool Impersonates { get; set; }

    /// <inheritdoc />
    public bool Equals(ExchangePolicy? other) => other is not null && Write() == other.Write();

    /// <inheritdoc />
    public override int GetHashCode() => Write().GetHashCode(StringComparison.Ordinal);

    /// <summary>In the words of the audit log.</summary>
    public override string ToString() =>
        $"from {string.Join(' ', From)}, of {(Clients.Count == 0 ? "any client" : string.Join(' ', Clients))}, to {string.Join(' ', To)}{(Impersonates ? ", unnamed" : "")}";

    internal static ExchangePolicy Read(string text) => JsonSerializer.Deserialize<ExchangePolicy>(text)!;

    internal string Write() => JsonSerializer.Serialize(this);
}
