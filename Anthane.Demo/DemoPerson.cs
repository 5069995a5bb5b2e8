namespace Anthane.Demo;

/// <summary>An account of the demo, as the seed gives it.</summary>
internal sealed record DemoPerson(string Email, string Password, bool IsAdmin)
{
    public static IReadOnlyList<DemoPerson> ReadAll(IConfiguration configuration) =>
        [.. configuration.GetSection("Sso:Seed:People").GetChildren().Select(person => new DemoPerson(
            person["Email"] ?? "",
            person["Password"] ?? "",
            person.GetSection("Roles").GetChildren().Any(role => role.Value == "admin")))];
}
