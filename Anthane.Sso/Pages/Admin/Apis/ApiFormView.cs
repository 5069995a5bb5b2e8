namespace Anthane.Sso.Pages.Admin.Apis;

/// <summary>What the form of an API shows: the typed values, and what is stored where it differs.</summary>
internal sealed record ApiFormView(ApiForm Form, bool IsNew, IReadOnlyDictionary<string, string>? Differences = null)
{
    public static readonly IReadOnlyList<(string Claim, string Meaning)> Claims =
    [
        ("email", "The e-mail address; the gateway passes it on when it is confirmed"),
        ("email_verified", "Whether the address was confirmed"),
        ("name", "The name to show"),
        ("roles", "The roles that admins gave the person"),
    ];

    public string? Stored(string field) => Differences?.GetValueOrDefault(field);
}
