using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Registration;

/// <summary>A client with what is told about it once.</summary>
/// <param name="Client">The client as it is stored.</param>
/// <param name="Secret">Its new secret; null when it has none or got none now.</param>
/// <param name="AccessToken">A new registration access token; null when the old one still holds.</param>
internal sealed record RegisteredClient(Client Client, string? Secret = null, string? AccessToken = null);

/// <summary>
/// Registers clients for programs (RFC 7591) and lets each look after itself (RFC 7592). It knows the policy of the token that
/// a program came with; whether a client is valid is for the rules that pages and seeds follow too.
/// </summary>
internal sealed class ClientRegistration(StorageReader reader, ClientAdmin clients, ClientSecrets secrets, ServerSecrets server, TimeProvider clock)
{
    private const string Purpose = "registration access token";

    /// <summary>Registers a client. Wrong metadata do not use up the token.</summary>
    public async Task<Result<RegisteredClient>> RegisterAsync(string token, JsonElement metadata)
    {
        if (await FindTokenAsync(server.Hash(RegistrationAdmin.Purpose, token)) is not { } access)
        {
            return NoAccess("unknown, spent or expired initial access token");
        }

        var accessToken = RandomText.Secret();
        var policy = new SelfService(server.Hash(Purpose, accessToken), access.Scopes, access.GrantTypes);
        if (Read(metadata, policy, out var client) is { } wrong)
        {
            return wrong;
        }

        client.SelfService = policy;
        client.Profile = access.Profile;
        var made = await clients.RegisterAsync(client, db => SpendAsync(db, access.Hash), $"registration:{access.Id}");
        return made is null ? NoAccess("the initial access token was spent by another request")
            : made.Saved ? new RegisteredClient(client, made.Secret, accessToken)
            : Refused(made.Problems);
    }

    /// <summary>The client, if the token is its own. One answer for every other case.</summary>
    public async Task<Result<Client>> FindAsync(string clientId, string token)
    {
        var client = await clients.FindAsync(clientId);
        return client is { Enabled: true, SelfService: { } self } && self.TokenHash == server.Hash(Purpose, token)
            ? client
            : NoAccess("no such client, or the token is not its own");
    }

    /// <summary>Replaces the client's metadata whole (RFC 7592 section 2.2); the token changes with it. What only admins set stays.</summary>
    public async Task<Result<RegisteredClient>> ReplaceAsync(Client stored, JsonElement metadata, CancellationToken cancellation)
    {
        var accessToken = RandomText.Secret();
        var policy = stored.SelfService! with { TokenHash = server.Hash(Purpose, accessToken) };

        // What an admin gave the client beyond that, it may name again and give up.
        var granted = policy with { Scopes = [.. policy.Scopes.Union(stored.Scopes)], GrantTypes = [.. policy.GrantTypes.Union(stored.GrantTypes)] };
        if (Read(metadata, granted, out var client) is { } wrong)
        {
            return wrong;
        }

        if (await WrongIdentityAsync(stored, client.Kind, metadata, cancellation) is { } problem)
        {
            return Refused([problem]);
        }

        client.SelfService = policy;
        client.KeepWhatAdminsSet(stored, ClientMetadata.RulesThatClientsSet);
        var saved = await clients.UpdateAsync(client, $"client:{client.ClientId}");
        return saved.Saved ? new RegisteredClient(client, AccessToken: accessToken) : Refused(saved.Problems);
    }

    /// <summary>Deletes the client and ends what it was given.</summary>
    public Task<bool> DeleteAsync(Client stored) => clients.DeleteAsync(stored.ClientId, $"client:{stored.ClientId}");

    /// <summary>RFC 7592 section 2.2: the request names the client, and a secret in it must be the one that the client has.</summary>
    private async Task<RuleProblem?> WrongIdentityAsync(Client stored, ClientKind kind, JsonElement metadata, CancellationToken cancellation)
    {
        if (kind != stored.Kind)
        {
            return new RuleProblem(nameof(Client.TokenEndpointAuthMethod), "What a client is does not change: register a new one.");
        }

        if (!metadata.TryGetProperty("client_id", out var id) || id.ValueKind != JsonValueKind.String || id.GetString() != stored.ClientId)
        {
            return new RuleProblem("client_id", "It must be the id of this client.");
        }

        if (!metadata.TryGetProperty("client_secret", out var secret))
        {
            return null;
        }

        var known = await clients.SecretsAsync(stored.ClientId);
        return secret.ValueKind == JsonValueKind.String && await secrets.MatchesAsync(known, secret.GetString()!, slowChecksOfRefusal: 1, cancellation) is true
            ? null
            : new RuleProblem("client_secret", "It is not the secret of this client; a client cannot choose its own.");
    }

    /// <summary>The client that the metadata describe, within what the policy allows.</summary>
    private static OidcError? Read(JsonElement metadata, SelfService policy, out Client client)
    {
        var problems = new List<RuleProblem>();
        client = ClientMetadata.Read(metadata, policy.Scopes, problems);
        client.Name = client.Name.Length > 0 ? client.Name : "Unnamed app";
        problems.AddRange(client.GrantTypes.Where(grant => !policy.GrantTypes.Contains(grant)).Select(grant => new RuleProblem(nameof(Client.GrantTypes), $"{grant} is not offered to clients that register themselves.")));
        problems.AddRange(client.Scopes.Where(scope => !policy.Scopes.Contains(scope)).Select(scope => new RuleProblem(nameof(Client.Scopes), $"{scope} is not offered to clients that register themselves.")));
        return problems.Count > 0 ? Refused(problems) : null;
    }

    private async ValueTask<InitialAccessToken?> FindTokenAsync(string hash)
    {
        var now = clock.GetUtcNow();
        return await reader.ReadAsync(db => db.FirstAsync(
            """
            SELECT "Id", "Label", "Profile", "Scopes", "GrantTypes", "UsesLeft", "ExpiresAt", "CreatedAt" FROM "InitialAccessTokens"
            WHERE "Hash" = @hash AND "UsesLeft" > 0 AND "ExpiresAt" > @now
            """,
            row => new InitialAccessToken
            {
                Id = row.GetString(0),
                Hash = hash,
                Label = row.GetString(1),
                Profile = row.GetString(2),
                Scopes = JsonSerializer.Deserialize<List<string>>(row.GetString(3))!,
                GrantTypes = JsonSerializer.Deserialize<List<string>>(row.GetString(4))!,
                UsesLeft = row.GetInt32(5),
                ExpiresAt = row.Instant(6),
                CreatedAt = row.Instant(7),
            },
            ("@hash", hash),
            ("@now", now)));
    }

    private async Task<bool> SpendAsync(OidcDb db, string hash) => await db.ExecuteAsync(
        """UPDATE "InitialAccessTokens" SET "UsesLeft" = "UsesLeft" - 1 WHERE "Hash" = @hash AND "UsesLeft" > 0 AND "ExpiresAt" > @now""",
        ("@hash", hash),
        ("@now", clock.GetUtcNow())) == 1;

    private static OidcError NoAccess(string detail) => new(OidcError.InvalidToken, "The access token is not valid or not valid any more.", detail);

    /// <summary>RFC 7591 section 3.2.2. The description is of our making all the same: names of members and our own sentences, in its characters.</summary>
    private static OidcError Refused(IReadOnlyCollection<RuleProblem> problems)
    {
        var ofRedirects = problems.Any(problem => MemberOf(problem.Field) == "redirect_uris");
        var description = string.Join(' ', problems.Select(problem => $"{MemberOf(problem.Field)}: {problem.Message}"));
        return new OidcError(ofRedirects ? "invalid_redirect_uri" : "invalid_client_metadata", Plain(description));
    }

    private static string MemberOf(string field) => ClientMetadata.Members.GetValueOrDefault(field, field);

    private static string Plain(string text) => new([.. text.Take(1000).Select(c => c is >= ' ' and <= '~' and not ('"' or '\\') ? c : '\'')]);
}
