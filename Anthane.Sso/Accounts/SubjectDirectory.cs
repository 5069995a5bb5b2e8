using System.Text.Json;
using Anthane.Oidc.Subjects;

namespace Anthane.Sso.Accounts;

/// <summary>Tells the engine about people: the one seam between accounts and the protocol. What is not known is absent, never empty.</summary>
internal sealed class SubjectDirectory(AccountReader accounts) : ISubjectDirectory
{
    private static readonly JsonElement True = JsonSerializer.SerializeToElement(true);
    private static readonly JsonElement False = JsonSerializer.SerializeToElement(false);

    public async ValueTask<Subject?> FindAsync(string subjectId, CancellationToken cancellationToken)
    {
        var rows = await accounts.FindAsync(subjectId, cancellationToken);
        return rows.Count == 0 ? null : new Subject(rows[0].Id, !rows[0].Disabled, Claims(rows));
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
}
