using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Registration;
using Anthane.Sso.Accounts;
using Anthane.Sso.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Data;

/// <summary>
/// Makes clients and people be as a file says (<c>Sso:Seed:File</c>), at every start: for a test harness that owns the file.
/// A row is made anew only when what the file says of it has changed, and rows that the file does not name stay. Like every
/// seed it runs in Development on loopback alone, and its marks keep such rows out of production.
/// </summary>
internal sealed class SeedFile(
    StorageReader reader,
    StorageWriter writer,
    ClientAdmin clients,
    ApiAdmin apis,
    PasswordWork passwords,
    TimeProvider clock,
    ILogger<SeedFile> logger)
{
    private const string Kind = "file";
    private static readonly Dictionary<string, string> Nearest = new(StringComparer.Ordinal) { ["fapi2-message-signing"] = ClientProfile.Fapi2.Name };

    /// <exception cref="SsoConfigurationException">The file cannot be read, or a client in it breaks the rules of clients; the message lists every mistake.</exception>
    public async Task RunAsync(string path)
    {
        using var document = Open(path);
        var problems = new List<string>();
        var apiScopes = (await apis.ScopesAsync()).Select(scope => scope.Name).ToList();
        foreach (var metadata in Members(document, "clients"))
        {
            await ClientAsync(metadata, apiScopes, problems);
        }

        foreach (var person in Members(document, "users"))
        {
            await PersonAsync(person, problems);
        }

        if (problems.Count > 0)
        {
            throw new SsoConfigurationException([.. problems.Select(problem => $"{path}: {problem}")]);
        }
    }

    private static JsonDocument Open(string path)
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException("It must be an object with the members clients and users.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SsoConfigurationException([$"Sso:Seed:File: {path} cannot be read: {e.Message}"]);
        }
    }

    private static List<JsonElement> Members(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private async Task ClientAsync(JsonElement metadata, IReadOnlyList<string> apiScopes, List<string> problems)
    {
        var found = new List<RuleProblem>();
        var client = ClientMetadata.Read(metadata, [.. Scopes.OfIdentity, .. apiScopes], found);
        client.ClientId = Text(metadata, "client_id") ?? "";
        client.Name = client.Name.Length > 0 ? client.Name : client.ClientId;
        client.Profile = ProfileOf(metadata, client.ClientId);
        if (metadata.TryGetProperty("introspect_any", out var any) && any.ValueKind == JsonValueKind.True)
        {
            client.Rules.Add(ClientRule.IntrospectAny);
        }

        KeepUsableScopes(client, apiScopes, named: Text(metadata, "scope") is not null);
        if (found.Count == 0 && await HasChangedAsync("client " + client.ClientId, metadata.GetRawText()))
        {
            await clients.DeleteAsync(client.ClientId, "system");
            found.AddRange(await clients.SeedAsync(client, client.IsPublic ? null : Text(metadata, "client_secret")));
            if (found.Count == 0)
            {
                await MarkAsync(Seed.Client, client.ClientId, client.ClientId);
                await RememberAsync("client " + client.ClientId, metadata.GetRawText());
            }
        }

        problems.AddRange(found.Select(problem => $"client '{client.ClientId}': {problem.Field}: {problem.Message}"));
    }

    /// <summary>What a client of its kind cannot have is left out, and said when the file names it.</summary>
    private void KeepUsableScopes(Client client, IReadOnlyList<string> apiScopes, bool named)
    {
        var usable = client.Scopes.Where(scope => (Scopes.IsOfIdentity(scope) || apiScopes.Contains(scope)) && client.CanUse(scope)).ToList();
        if (named && usable.Count < client.Scopes.Count)
        {
            logger.LogWarning("Scopes {Scopes} are left out for client {ClientId}: they are unknown, or nothing that it can use.", client.Scopes.Except(usable), client.ClientId);
        }

        client.Scopes = usable;
    }

    private string ProfileOf(JsonElement metadata, string clientId)
    {
        var named = Text(metadata, "profile") ?? ClientProfile.Default.Name;
        if (ClientProfile.Find(named) is not null)
        {
            return named;
        }

        var nearest = Nearest.GetValueOrDefault(named, ClientProfile.Default.Name);
        logger.LogWarning("There is no profile {Profile} yet; client {ClientId} follows {Nearest}.", named, clientId, nearest);
        return nearest;
    }

    private async Task PersonAsync(JsonElement person, List<string> problems)
    {
        if (Text(person, "username") is not { Length: > 0 and <= 256 } userName || Text(person, "password") is not { } password)
        {
            problems.Add("A user needs a username and a password.");
            return;
        }

        var key = "person " + EmailAddresses.Normalize(userName);
        if (!await HasChangedAsync(key, person.GetRawText()))
        {
            return;
        }

        var claims = person.TryGetProperty("claims", out var given) && given.ValueKind == JsonValueKind.Object
            ? given.EnumerateObject().ToDictionary(claim => claim.Name, claim => claim.Value.Clone(), StringComparer.Ordinal)
            : [];
        var hash = await passwords.HashAsync(password);
        var id = await writer.WriteAsync(async context =>
        {
            var db = (SsoDb)context.Context;
            var made = NewUser.Of(userName, "", clock.GetUtcNow());
            var row = await db.Users.FirstOrDefaultAsync(user => user.NormalizedUserName == made.NormalizedUserName);
            if (row is null)
            {
                row = made;
                db.Users.Add(row);
            }

            var email = claims.TryGetValue("email", out var address) ? address.GetString() : userName.Contains('@', StringComparison.Ordinal) ? userName : null;
            (row.Email, row.NormalizedEmail, row.EmailConfirmed) = (email, email is null ? null : EmailAddresses.Normalize(email), true);
            row.Rename(claims.TryGetValue("name", out var name) ? name.GetString() ?? "" : "");
            (row.Claims, row.PasswordHash, row.UpdatedAt) = (AccountClaims.Write(claims), hash, clock.GetUtcNow());
            await db.SaveChangesAsync();
            return row.Id;
        });
        await MarkAsync(Seed.Person, EmailAddresses.Normalize(userName), id);
        await RememberAsync(key, person.GetRawText());
    }

    private async Task<bool> HasChangedAsync(string key, string text)
    {
        var known = await reader.ReadAsync(db => db.FirstAsync(
            """SELECT "RowId" FROM "SeedMarks" WHERE "Kind" = @kind AND "Key" = @key""",
            row => row.GetString(0),
            ("@kind", Kind),
            ("@key", key)));
        return known != HashOf(text);
    }

    private Task RememberAsync(string key, string text) => MarkAsync(Kind, key, HashOf(text));

    private Task MarkAsync(string kind, string key, string rowId) => writer.WriteAsync(async context =>
    {
        var db = (SsoDb)context.Context;
        await db.SeedMarks.Where(mark => mark.Kind == kind && mark.Key == key).ExecuteDeleteAsync();
        db.SeedMarks.Add(new SeedMark { Kind = kind, Key = key, RowId = rowId, SeededAt = clock.GetUtcNow() });
        await db.SaveChangesAsync();
    });

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string? Text(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
