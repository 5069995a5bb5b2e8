using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;

namespace Anthane.Oidc.Grants;

/// <summary>What a token is for: scopes and the audiences they belong to.</summary>
internal sealed record Target(IReadOnlyList<string> Scopes, IReadOnlyList<string> Audiences);

/// <summary>
/// Decides the scopes and the audience of a request (RFC 6749 section 3.3, RFC 8707). A token is for one API; with scopes of
/// several, its request must name one, unless the client may have several at once.
/// </summary>
internal static class Targets
{
    /// <summary>The scopes asked for, or the client's default ones, each known and allowed.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="requested">The scope parameter.</param>
    /// <param name="named">The resource parameters.</param>
    /// <param name="resources">The APIs that there are.</param>
    public static Result<IReadOnlyList<string>> ScopesFor(Client client, string? requested, IReadOnlyList<string> named, ResourcePicture resources) =>
        ScopesFor(client, requested, Defaults(client, named, resources), resources);

    /// <summary>The same for a client that acts as itself: scopes of APIs alone, since the others are about a person.</summary>
    public static Result<IReadOnlyList<string>> ScopesOfItself(Client client, string? requested, ResourcePicture resources)
    {
        var defaults = (client.DefaultScopes.Count > 0 ? client.DefaultScopes : client.Scopes).Where(scope => resources.AudienceOf(scope) is not null).ToArray();
        if (ScopesFor(client, requested, defaults, resources).Failed(out var refused, out var scopes))
        {
            return refused;
        }

        return scopes.FirstOrDefault(Scopes.IsOfIdentity) is { } personal
            ? new OidcError(OidcError.InvalidScope, "A scope is about a person, and this client acts as itself.", $"refused scope {personal}")
            : Result(scopes);
    }

    private static Result<IReadOnlyList<string>> ScopesFor(Client client, string? requested, string[] defaults, ResourcePicture resources)
    {
        if (requested is null)
        {
            return defaults is { Length: > 0 }
                ? Result(defaults)
                : new OidcError(OidcError.InvalidScope, "Name the scopes: this client has no default ones.");
        }

        if (Scopes.Parse(requested) is not { } scopes)
        {
            return new OidcError(OidcError.InvalidScope, "The scope parameter cannot be read.");
        }

        var refused = scopes.FirstOrDefault(scope => !resources.Exists(scope) || !client.Scopes.Contains(scope));
        return refused is null ? Result(scopes) : new OidcError(OidcError.InvalidScope, "A scope is unknown or not allowed for this client.", $"refused scope {refused}");
    }

    /// <summary>What a request for something new is for: as <see cref="Narrow(Client, IReadOnlyList{string}, IReadOnlyList{string}, ResourcePicture)"/>, and a client that must name its API has named it.</summary>
    public static Result<Target> Begin(Client client, IReadOnlyList<string> scopes, IReadOnlyList<string> named, ResourcePicture resources) =>
        Unnamed(client, scopes, named, resources) is { } refused ? refused : Narrow(client, scopes, named, resources);

    /// <summary>The same for what a person is asked. Any client may name several APIs at once here: each token is narrowed to one later (RFC 8707 section 2.2).</summary>
    public static Result<Target> Ask(Client client, IReadOnlyList<string> scopes, IReadOnlyList<string> named, ResourcePicture resources) =>
        Unnamed(client, scopes, named, resources) is { } refused ? refused : Narrow(scopes, named, resources, several: named.Count > 0 || client.Has(ClientRule.SeveralResources));

    /// <summary>What a token is for: narrows the scopes to the resource named, or finds the one they belong to.</summary>
    public static Result<Target> Narrow(Client client, IReadOnlyList<string> scopes, IReadOnlyList<string> named, ResourcePicture resources) =>
        Narrow(scopes, named, resources, client.Has(ClientRule.SeveralResources));

    private static OidcError? Unnamed(Client client, IReadOnlyList<string> scopes, IReadOnlyList<string> named, ResourcePicture resources) =>
        named.Count == 0 && client.Has(ClientRule.RequireResource) && scopes.Any(scope => resources.AudienceOf(scope) is not null)
            ? new OidcError(OidcError.InvalidTarget, "This client must name the API with the resource parameter.")
            : null;

    private static Result<Target> Narrow(IReadOnlyList<string> scopes, IReadOnlyList<string> named, ResourcePicture resources, bool several)
    {
        var audiences = scopes.Select(resources.AudienceOf).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        if (named.Count == 0)
        {
            return audiences.Length > 1 && !several
                ? new OidcError(OidcError.InvalidTarget, "The scopes belong to several APIs: name one with the resource parameter.")
                : new Target(scopes, audiences);
        }

        var distinct = named.Distinct(StringComparer.Ordinal).ToArray();
        if (distinct.Length > 1 && !several)
        {
            return new OidcError(OidcError.InvalidTarget, "Name one resource at a time.");
        }

        if (distinct.Any(resource => !audiences.Contains(resource, StringComparer.Ordinal)))
        {
            return new OidcError(OidcError.InvalidTarget, "The resource is unknown, or none of the scopes belong to it.");
        }

        var narrowed = scopes.Where(scope => resources.AudienceOf(scope) is not { } audience || distinct.Contains(audience, StringComparer.Ordinal)).ToArray();
        return new Target(narrowed, distinct);
    }

    /// <summary>A client that must name its APIs means what it may have there, when it names nothing else (MCP authorization).</summary>
    private static string[] Defaults(Client client, IReadOnlyList<string> named, ResourcePicture resources) => client.DefaultScopes.Count > 0
        ? client.DefaultScopes.Where(resources.Exists).ToArray()
        : client.Scopes.Where(scope => scope == Scopes.OpenId || (client.Has(ClientRule.RequireResource) && resources.AudienceOf(scope) is { } audience && named.Contains(audience))).ToArray();

    private static Result<IReadOnlyList<string>> Result(IReadOnlyList<string> scopes) => Protocol.Result<IReadOnlyList<string>>.Of(scopes);
}
