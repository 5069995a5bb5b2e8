using System.Collections.Concurrent;
using System.Text.Json;
using Anthane.Oidc.Subjects;

namespace Anthane.Sso.Accounts;

/// <summary>
/// Tells the engine about people: the one seam between accounts and the protocol. What is not known is absent, never empty.
/// The rows are read every time; only the claims made of them are remembered, for as long as the rows are the same.
/// </summary>
internal sealed class SubjectDirectory(AccountReader accounts) : ISubjectDirectory
{
    private const int MostRemembered = 10_000;
    private static readonly JsonElement True = JsonSerializer.SerializeToElement(true);
    private static readonly JsonElement False = JsonSerializer.SerializeToElement(false);
    private readonly ConcurrentDictionary<string, Known> remembered = new(StringComparer.Ordinal);

    public async ValueTask<Subject?> FindAsync(string subjectId, CancellationToken cancellationToken)
    {
        var rows = await accounts.FindAsync(subjectId);
        if (rows.Count == 0)
        {
            return null;
        }

        if (remembered.TryGetValue(subjectId, out var known) && known.Rows.SequenceEqual(rows))
        {
            return known.Subject;
        }

        if (remembered.Count >= MostRemembered)
        {
            remembered.Clear();
        }

        var subject = new Subject(rows[0].Id, !rows[0].Disabled, Claims(rows));
        remembered[subjectId] = new Known(rows, subject);
        return subject;
    }

    private static Dictionary<string, JsonElement> Claims(IReadOnlyList<AccountWithRole> rows)
    {
        var account = rows[0];
        var claims = AccountClaims.Read(account.Claims);
        claims["updated_at"] = JsonSerializer.SerializeToElement(account.UpdatedAt.ToUnixTimeSeconds());
        if (account.Name.Length > 0)
        {
            claims["name"] = JsonSerializer.SerializeToElement(account.Name);
        }

        if (!string.IsNullOrEmpty(account.Email))
        {
            claims["email"] = JsonSerializer.SerializeToElement(account.Email);
            claims["email_verified"] = account.EmailVerified ? True : False;
        }

        var roles = rows.Select(row => row.Role).OfType<string>().Order(StringComparer.Ordinal).ToArray();
        if (roles.Length > 0)
        {
            claims["roles"] = JsonSerializer.SerializeToElement(roles);
        }

        return claims;
    }

    private sealed record Known(IReadOnlyList<AccountWithRole> Rows, Subject Subject);
}
