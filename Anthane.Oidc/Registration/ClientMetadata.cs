using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Registration;

/// <summary>
/// Reads and writes a client's metadata in the words of RFC 7591 section 2 and its extensions. It only translates: whether the
/// client is acceptable is for the rules of clients to say, as for every other way of registering. Members that it does not
/// know are passed over (RFC 7591 section 2).
/// </summary>
public static class ClientMetadata
{
    /// <summary>The member that a property of a client is in these metadata, for what is said about it.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Members = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(Client.Name)] = "client_name",
        [nameof(Client.GrantTypes)] = "grant_types",
        [nameof(Client.RedirectUris)] = "redirect_uris",
        [nameof(Client.PostLogoutRedirectUris)] = "post_logout_redirect_uris",
        [nameof(Client.Scopes)] = "scope",
        [nameof(Client.HomeUri)] = "client_uri",
        [nameof(Client.LogoUri)] = "logo_uri",
        [nameof(Client.PolicyUri)] = "policy_uri",
        [nameof(Client.TermsUri)] = "tos_uri",
        [nameof(Client.BackchannelLogoutUri)] = "backchannel_logout_uri",
        [nameof(Client.TokenEndpointAuthMethod)] = "token_endpoint_auth_method",
        [nameof(Client.TokenEndpointAuthSigningAlg)] = "token_endpoint_auth_signing_alg",
        [nameof(Client.Jwks)] = "jwks",
        [nameof(Client.JwksUri)] = "jwks_uri",
        [nameof(Client.IdTokenSignedResponseAlg)] = "id_token_signed_response_alg",
        [nameof(Client.DefaultMaxAgeSeconds)] = "default_max_age",
    };

    /// <summary>Members that are rules here.</summary>
    private static readonly (string Member, string Rule)[] Rules =
    [
        ("require_pushed_authorization_requests", ClientRule.RequirePushedRequests),
        ("dpop_bound_access_tokens", ClientRule.DpopBoundAccessTokens),
        ("tls_client_certificate_bound_access_tokens", ClientRule.CertificateBoundAccessTokens),
    ];

    internal static IEnumerable<string> RulesThatClientsSet => Rules.Select(member => member.Rule);

    /// <summary>Members that are kept and given back, and change nothing here.</summary>
    private static readonly string[] Kept = ["application_type", "contacts", "initiate_login_uri", "require_auth_time", "software_id", "software_version"];

    /// <summary>Members of which one value is offered; another is refused, since the client would rely on it.</summary>
    private static readonly (string Member, string Offered)[] OneValue = [("subject_type", "public")];

    /// <summary>Members of what is not offered at all.</summary>
    private static readonly string[] NotOffered =
    [
        "id_token_encrypted_response_alg", "userinfo_signed_response_alg", "userinfo_encrypted_response_alg", "request_object_signing_alg",
        "request_object_encryption_alg", "sector_identifier_uri", "software_statement", "authorization_signed_response_alg", "introspection_signed_response_alg",
    ];

    /// <summary>A client as the metadata describe it, without an id. What cannot be read or is not offered is among the problems, each under the member's name.</summary>
    /// <param name="metadata">A JSON object.</param>
    /// <param name="scopesWhenSilent">The scopes of a client whose metadata name none; it gets those that it can use.</param>
    /// <param name="problems">Grows by what is wrong.</param>
    public static Client Read(JsonElement metadata, IEnumerable<string> scopesWhenSilent, ICollection<RuleProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        var reader = new MetadataReader(metadata, problems);
        var grantTypes = reader.Texts("grant_types") ?? [GrantTypes.AuthorizationCode];
        var client = new Client
        {
            ClientId = "",
            Name = reader.Text("client_name") ?? "",
            Kind = KindOf(reader, grantTypes),
            GrantTypes = grantTypes,
            RedirectUris = reader.Texts("redirect_uris") ?? [],
            PostLogoutRedirectUris = reader.Texts("post_logout_redirect_uris") ?? [],
            HomeUri = reader.Text("client_uri"),
            LogoUri = reader.Text("logo_uri"),
            PolicyUri = reader.Text("policy_uri"),
            TermsUri = reader.Text("tos_uri"),
            BackchannelLogoutUri = reader.Text("backchannel_logout_uri"),
            BackchannelLogoutSessionRequired = reader.Flag("backchannel_logout_session_required"),
            TokenEndpointAuthMethod = reader.Text("token_endpoint_auth_method"),
            TokenEndpointAuthSigningAlg = reader.Text("token_endpoint_auth_signing_alg"),
            Jwks = reader.Object("jwks"),
            JwksUri = reader.Text("jwks_uri"),
            IdTokenSignedResponseAlg = reader.Text("id_token_signed_response_alg"),
            DefaultMaxAgeSeconds = reader.Number("default_max_age"),
            Rules = [.. Rules.Where(member => reader.Flag(member.Member)).Select(member => member.Rule)],
            OtherMetadata = reader.Some(Kept),
        };
        client.Scopes = reader.Text("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList()
            ?? [.. scopesWhenSilent.Where(client.CanUse)];
        NamedTlsSubject(client, reader);
        RefuseWhatIsNotOffered(reader);
        return client;
    }

    /// <summary>Writes the metadata of a client as it is registered now (RFC 7591 section 3.2.1).</summary>
    internal static void Write(Utf8JsonWriter json, Client client)
    {
        Text("client_name", client.Name);
        List("redirect_uris", client.RedirectUris);
        List("post_logout_redirect_uris", client.PostLogoutRedirectUris);
        json.WriteString("token_endpoint_auth_method", client.TokenEndpointAuthMethod ?? (client.IsPublic ? ClientAuthMethod.None : ClientAuthMethod.SecretBasic));
        Text("token_endpoint_auth_signing_alg", client.TokenEndpointAuthSigningAlg);
        List("grant_types", client.GrantTypes);
        List("response_types", client.MayUse(GrantTypes.AuthorizationCode) ? ["code"] : []);
        json.WriteString("scope", Scopes.Join(client.Scopes));
        json.WriteString("id_token_signed_response_alg", client.SigningAlgorithm);
        Text("client_uri", client.HomeUri);
        Text("logo_uri", client.LogoUri);
        Text("policy_uri", client.PolicyUri);
        Text("tos_uri", client.TermsUri);
        Text("jwks_uri", client.JwksUri);
        Raw("jwks", client.Jwks);
        Text("backchannel_logout_uri", client.BackchannelLogoutUri);
        if (client.BackchannelLogoutUri is not null)
        {
            json.WriteBoolean("backchannel_logout_session_required", client.BackchannelLogoutSessionRequired);
        }

        Text(client.TlsSubjectType ?? "", client.TlsSubject);
        if (client.DefaultMaxAgeSeconds is { } maxAge)
        {
            json.WriteNumber("default_max_age", maxAge);
        }

        foreach (var (member, rule) in Rules.Where(member => client.Has(member.Rule)))
        {
            json.WriteBoolean(member, true);
        }

        foreach (var (member, value) in OneValue)
        {
            json.WriteString(member, value);
        }

        foreach (var member in client.OtherMetadata is { } other ? JsonElement.Parse(other).EnumerateObject() : [])
        {
            member.WriteTo(json);
        }

        void Text(string member, string? value)
        {
            if (value is not null)
            {
                json.WriteString(member, value);
            }
        }

        void List(string member, IEnumerable<string> values)
        {
            json.WriteStartArray(member);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }

        void Raw(string member, string? value)
        {
            if (value is not null)
            {
                json.WritePropertyName(member);
                JsonElement.Parse(value).WriteTo(json);
            }
        }
    }

    private static ClientKind KindOf(MetadataReader reader, List<string> grantTypes)
    {
        var isNative = reader.Text("application_type") == "native";
        return (reader.Text("token_endpoint_auth_method") ?? ClientAuthMethod.SecretBasic) switch
        {
            ClientAuthMethod.None => isNative ? ClientKind.Native : ClientKind.Browser,
            _ => grantTypes.Count > 0 && grantTypes.All(grant => grant == GrantTypes.ClientCredentials) ? ClientKind.Service : ClientKind.Web,
        };
    }

    private static void NamedTlsSubject(Client client, MetadataReader reader)
    {
        foreach (var type in TlsSubjects.All)
        {
            if (reader.Text(type) is not { } name)
            {
                continue;
            }

            if (client.TlsSubjectType is not null)
            {
                reader.Wrong(type, "Name the certificate in one way alone.");
            }

            (client.TlsSubjectType, client.TlsSubject) = (type, name);
        }
    }

    private static void RefuseWhatIsNotOffered(MetadataReader reader)
    {
        if (reader.Texts("response_types") is { } types && types.Any(type => type != "code"))
        {
            reader.Wrong("response_types", "Only code is offered.");
        }

        foreach (var (member, offered) in OneValue)
        {
            if (reader.Text(member) is { } value && value != offered)
            {
                reader.Wrong(member, $"Only {offered} is offered.");
            }
        }

        foreach (var member in NotOffered.Where(reader.Has))
        {
            reader.Wrong(member, "This is not offered.");
        }

        if (reader.Text("initiate_login_uri") is { } start && (RedirectUris.Problem(start, ClientKind.Web) is not null || !start.StartsWith("https://", StringComparison.Ordinal)))
        {
            reader.Wrong("initiate_login_uri", "It must be an https address.");
        }
    }
}
