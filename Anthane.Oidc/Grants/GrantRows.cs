using Anthane.Oidc.Data;

namespace Anthane.Oidc.Grants;

/// <summary>Writes a grant, and with it that its client takes part in the session, so that sign-out can reach the client.</summary>
internal static class GrantRows
{
    private const string InsertAlone =
        """
        INSERT INTO "Grants" ("Gid", "SubjectId", "ClientId", "Sid", "SessionBound", "Scopes", "Resources", "Nonce", "AuthTime", "Amr", "Acr", "Claims", "CreatedAt", "ForgetAt")
        VALUES (@gid, @subject, @client, @sid, @bound, @scopes, @resources, @nonce, @auth, @amr, @acr, @claims, @created, @forget)
        """;

    /// <summary>What <see cref="InsertAsync"/> runs, for a statement that writes something beside it. Its parameters come from <see cref="Parameters"/>.</summary>
    public const string Insert =
        InsertAlone
        + """
        ;
        INSERT INTO "SessionClients" ("Sid", "ClientId", "FirstUsedAt") VALUES (@sid, @client, @created) ON CONFLICT ("Sid", "ClientId") DO NOTHING
        """;

    public static Task InsertAsync(OidcDb db, GrantRecord grant) => db.ExecuteAsync(grant.Sid is null ? InsertAlone : Insert, Parameters(grant));

    public static (string Name, object? Value)[] Parameters(GrantRecord grant) =>
    [
        ("@gid", grant.Gid),
        ("@subject", grant.SubjectId),
        ("@client", grant.ClientId),
        ("@sid", grant.Sid),
        ("@bound", grant.SessionBound),
        ("@scopes", grant.Scopes),
        ("@resources", grant.Resources),
        ("@nonce", grant.Nonce),
        ("@auth", grant.AuthTime),
        ("@amr", grant.Amr),
        ("@acr", grant.Acr),
        ("@claims", grant.Claims),
        ("@created", grant.CreatedAt),
        ("@forget", grant.ForgetAt),
    ];
}
