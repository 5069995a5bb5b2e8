using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Anthane.Oidc.Data;

/// <summary>Instants are stored as UTC milliseconds since 1970: SQLite cannot compare DateTimeOffset, and integers sort alike everywhere.</summary>
public sealed class InstantConverter() : ValueConverter<DateTimeOffset, long>(
    instant => instant.ToUnixTimeMilliseconds(),
    value => DateTimeOffset.FromUnixTimeMilliseconds(value));
