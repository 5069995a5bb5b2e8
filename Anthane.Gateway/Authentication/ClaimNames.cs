using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Authentication;

/// <summary>Where an issuer's tokens say what. The defaults are those of RFC 9068 and OpenID Connect.</summary>
internal sealed record ClaimNames
{
    /// <summary>A text with blanks, or a list.</summary>
    public string Scope { get; init; } = "scope";

    /// <summary>The client that the token was given to; null takes <c>client_id</c>, and <c>azp</c> where that is missing.</summary>
    public string? Client { get; init; }

    /// <summary>Dots lead into objects: <c>realm_access.roles</c>.</summary>
    public string Roles { get; init; } = "roles";

    public string Name { get; init; } = "name";

    public string Email { get; init; } = "email";

    /// <summary>The issuer vouches for every address, and has no <c>email_verified</c> to say so.</summary>
    public bool EmailIsVerified { get; init; }

    /// <summary>A token with one of these values is a service's own; * stands for any. Without any, its subject must be its client.</summary>
    public IReadOnlyDictionary<string, string> ServiceWhen { get; init; } = new Dictionary<string, string>();

    public static ClaimNames Read(SettingsReader? reader)
    {
        var defaults = new ClaimNames();
        if (reader is null)
            return defaults;
        var names = new ClaimNames
        {
            Scope = reader.Text("Scope") ?? defaults.Scope,
            Client = reader.Text("Client"),
            Roles = reader.Text("Roles") ?? defaults.Roles,
            Name = reader.Text("Name") ?? defaults.Name,
            Email = reader.Text("Email") ?? defaults.Email,
            EmailIsVerified = reader.Flag("EmailIsVerified") ?? false,
            ServiceWhen = reader.Dictionary("ServiceWhen"),
        };
        reader.ReportUnknown();
        return names;
    }
}
