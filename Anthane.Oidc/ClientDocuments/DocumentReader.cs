using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Registration;
using Anthane.Oidc.Resources;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>
/// Turns a document into a client (section 4 of the draft), by the same reading and the same rules as registration. It is
/// written for every server there is, so what it asks for beyond what strangers get here is left out, not refused.
/// </summary>
internal static class DocumentReader
{
    /// <summary>People have to be asked; a stranger cannot act as itself.</summary>
    private static readonly string[] GrantTypesOfStrangers = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken];

    private static readonly string[] Methods = [ClientAuthMethod.None, ClientAuthMethod.PrivateKeyJwt];

    /// <summary>
    /// A picture would let a stranger look like somebody else, and tell its host who is here; the portal lists no strangers; and
    /// this server goes to no address of a stranger but for keys and the document itself.
    /// </summary>
    private static readonly string[] PassedOver =
        ["logo_uri", "client_uri", "backchannel_logout_uri", "backchannel_logout_session_required", "post_logout_redirect_uris", "software_statement"];

    /// <summary>The client; null when something is wrong.</summary>
    /// <param name="url">Where the document was fetched.</param>
    /// <param name="document">Its bytes.</param>
    /// <param name="resources">The APIs that there are.</param>
    /// <param name="options">What such clients may have.</param>
    /// <param name="problem">What is wrong, for the log.</param>
    public static Client? Read(string url, byte[] document, ResourcePicture resources, OidcOptions options, out string problem)
    {
        if (StrictJson.TryReadObject(document) is not { } json)
        {
            problem = "it is no JSON object that can be read in one way alone";
            return null;
        }

        problem = Unlike(url, json) ?? "";
        if (problem.Length > 0)
        {
            return null;
        }

        var problems = new List<RuleProblem>();
        string[] scopes = [.. options.ClientDocuments.AllScopes.Where(resources.Exists)];
        var client = ClientMetadata.Read(JsonSerializer.SerializeToElement(Sieve(url, json)), scopes, problems);
        client.ClientId = url;
        client.Profile = ClientProfile.Mcp.Name;
        client.Scopes = [.. client.Scopes.Where(scope => scopes.Contains(scope) && (scope != Scopes.OfflineAccess || client.MayUse(GrantTypes.RefreshToken)))];
        client.Version = Convert.ToHexStringLower(SHA256.HashData([.. document, .. System.Text.Encoding.UTF8.GetBytes(Scopes.Join(client.Scopes))]))[..16];
        problems.AddRange(ClientRules.Check(client, resources.ScopeNames.ToHashSet(StringComparer.Ordinal), options.AllowLoopbackFetches, byDocument: true));

        // A key for another algorithm is made when an admin names it, not when a stranger does.
        if (client.IdTokenSignedResponseAlg is { } algorithm && algorithm != ClientProfile.Mcp.SigningAlgorithms[0])
        {
            problems.Add(new RuleProblem(nameof(Client.IdTokenSignedResponseAlg), $"Only {ClientProfile.Mcp.SigningAlgorithms[0]} is offered."));
        }

        problem = ForLog(string.Join(' ', problems.Select(wrong => $"{ClientMetadata.Members.GetValueOrDefault(wrong.Field, wrong.Field)}: {wrong.Message}")));
        return problems.Count == 0 ? client : null;
    }

    /// <summary>What is wrong can quote the document, which could forge lines of the log.</summary>
    private static string ForLog(string text) => new([.. text.Take(500).Select(c => c is >= ' ' and <= '~' ? c : '?')]);

    private static string? Unlike(string url, JsonElement json)
    {
        if (json.Text("client_id") != url)
        {
            return "its client_id is not the address that it was fetched from";
        }

        if (json.Has("client_secret") || json.Has("client_secret_expires_at"))
        {
            return "it holds a client_secret, which everybody could read there";
        }

        // RFC 7591 lets a silent client use a secret. There can be none here, so it has nothing to prove itself with.
        return json.Has("token_endpoint_auth_method") && !Methods.Contains(json.Text("token_endpoint_auth_method"))
            ? "its token_endpoint_auth_method must be none or private_key_jwt"
            : null;
    }

    /// <summary>The document without what strangers do not get, and with what it leaves to the reader.</summary>
    private static JsonObject Sieve(string url, JsonElement json)
    {
        var kept = JsonObject.Create(json)!;
        Array.ForEach(PassedOver, member => kept.Remove(member));
        kept["token_endpoint_auth_method"] ??= ClientAuthMethod.None;
        kept["client_name"] ??= new Uri(url).Authority;
        if (kept["grant_types"] is JsonArray types && types.All(type => type?.GetValueKind() is JsonValueKind.String) && types.Any(type => GrantTypesOfStrangers[0] == type!.GetValue<string>()))
        {
            kept["grant_types"] = new JsonArray([.. GrantTypesOfStrangers.Where(type => types.Any(named => named!.GetValue<string>() == type)).Select(type => JsonValue.Create(type))]);
        }

        return kept;
    }
}
