using System.Text.Json;
using Anthane.Sso.Accounts;

namespace Anthane.Sso.Data;

/// <summary>Claims of a seeded person. The configuration knows text and nesting alone, so the JSON type comes from the claim.</summary>
internal static class SeedClaims
{
    public static string Read(IConfigurationSection section) => AccountClaims.Write(
        section.GetChildren()
            .Where(claim => claim.Key != "name")
            .ToDictionary(claim => claim.Key, Value, StringComparer.Ordinal));

    private static JsonElement Value(IConfigurationSection claim) =>
        claim.GetChildren().Any()
            ? JsonSerializer.SerializeToElement(claim.GetChildren().ToDictionary(member => member.Key, member => member.Value ?? ""))
        : claim.Key == "phone_number_verified" && bool.TryParse(claim.Value, out var flag)
            ? JsonSerializer.SerializeToElement(flag)
        : JsonSerializer.SerializeToElement(claim.Value ?? "");
}
