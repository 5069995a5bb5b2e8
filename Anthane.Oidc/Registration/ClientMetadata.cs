using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Registration;

/// <summary>
/// Reads a client's metadata in the words of RFC 7591 section 2 and OpenID Connect Dynamic Client Registration. It only
/// translates: whether the client is acceptable is for the rules of clients to say, as for every other way of registering.
/// Members that it does not know are passed over (RFC 7591 section 2).
/// </summary>
public static class ClientMetadata
{
    /// <summary>A client as the metadata describe it, without an id. What cannot be read or is not offered is among the problems, each under the member's name.</summary>
    /// <param name="metadata">A JSON object.</param>
    /// <param name="scopesWhenSilent">The scopes of a client whose metadata name none.</param>
    /// <param name="problems">Grows by what is wrong.</param>
    public static Client Read(JsonElement metadata, IEnumerable<string> scopesWhenSilent, ICollection<RuleProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        var reader = new MetadataReader(metadata, problems);
        var grantTypes = reader.Texts("grant_types") ?? [GrantTypes.AuthorizationCode];
        var kind = KindOf(reader, grantTypes);
        OfferedAlone(reader, "response_types", "code");
        OnlyValue(reader, "subject_type", "public");
        var tlsSubject = TlsSubjectOf(reader);
        return new Client
        {
            ClientId = "",
            Name = reader.Text("client_name") ?? "",
            Kind = kind,
            GrantTypes = grantTypes,
            RedirectUris = reader.Texts("redirect_uris") ?? [],
            PostLogoutRedirectUris = reader.Texts("post_logout_redirect_uris") ?? [],
            BackchannelLogoutUri = reader.Text("backchannel_logout_uri"),
            BackchannelLogoutSessionRequired = reader.Flag("backchannel_logout_session_required"),
            Scopes = reader.Text("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList() ?? [.. scopesWhenSilent],
            HomeUri = reader.Text("client_uri"),
            LogoUri = reader.Text("logo_uri"),
            PolicyUri = reader.Text("policy_uri"),
            TermsUri = reader.Text("tos_uri"),
            TokenEndpointAuthMethod = reader.Text("token_endpoint_auth_method"),
            TokenEndpointAuthSigningAlg = reader.Text("token_endpoint_auth_signing_alg"),
            Jwks = reader.Object("jwks"),
            JwksUri = reader.Text("jwks_uri"),
            TlsSubjectType = tlsSubject.Type,
            TlsSubject = tlsSubject.Name,
            Rules = [.. RuleMembers.Where(member => reader.Flag(member.Member)).Select(member => member.Rule)],
        };
    }

    /// <summary>Members that are rules here.</summary>
    private static readonly (string Member, string Rule)[] RuleMembers =
    [
        ("require_pushed_authorization_requests", ClientRule.RequirePushedRequests),
        ("introspect_any", ClientRule.IntrospectAny),
        ("tls_client_certificate_bound_access_tokens", ClientRule.CertificateBoundAccessTokens),
    ];

    private static ClientKind KindOf(MetadataReader reader, List<string> grantTypes)
    {
        var isNative = reader.Text("application_type") == "native";
        return (reader.Text("token_endpoint_auth_method") ?? "client_secret_basic") switch
        {
            "none" => isNative ? ClientKind.Native : ClientKind.Browser,
            _ => grantTypes.All(grant => grant == GrantTypes.ClientCredentials) ? ClientKind.Service : ClientKind.Web,
        };
    }

    /// <summary>RFC 8705 section 2.1.2: one of these members, and only one.</summary>
    private static (string? Type, string? Name) TlsSubjectOf(MetadataReader reader)
    {
        var given = TlsSubjects.All.Select(type => (Type: (string?)type, Name: reader.Text(type))).Where(subject => subject.Name is not null).ToList();
        if (given.Count > 1)
        {
            reader.Wrong(given[1].Type!, $"Give {given[0].Type} or this, not both.");
        }

        return given.FirstOrDefault();
    }

    private static void OfferedAlone(MetadataReader reader, string member, string offered)
    {
        if (reader.Texts(member) is { } values && values.Any(value => value != offered))
        {
            reader.Wrong(member, $"Only {offered} is offered.");
        }
    }

    private static void OnlyValue(MetadataReader reader, string member, string offered)
    {
        if (reader.Text(member) is { } value && value != offered)
        {
            reader.Wrong(member, $"Only {offered} is offered.");
        }
    }
}
