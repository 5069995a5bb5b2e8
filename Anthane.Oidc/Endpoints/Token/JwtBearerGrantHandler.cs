using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Subjects;
using Anthane.Oidc.Tokens;
using Anthane.Oidc.TrustedIssuers;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>
/// An access token for a person by the word of a trusted issuer (RFC 7523 section 2.1). The person is not here: so it is for APIs
/// alone, without an ID token, a refresh token (RFC 7521 section 4.1) or a time of signing in.
/// </summary>
internal sealed class JwtBearerGrantHandler(TrustedAssertions assertions, ResourceStore resources, ISubjectDirectory subjects, StorageWriter writer, TokenIssuer issuer, TimeProvider clock)
{
    public async Task<Result<TokenSet>> HandleAsync(AuthenticatedClient caller, Parameters parameters, Confirmation? key, CancellationToken cancellationToken)
    {
        var client = caller.Client;
        if (parameters["assertion"] is not { } assertion)
        {
            return OidcError.Request("The assertion is missing.");
        }

        var picture = await resources.PictureAsync();
        if (Targets.ScopesOfItself(client, parameters["scope"], picture).Failed(out var refused, out var scopes)
            || Targets.Begin(client, scopes, parameters.Resources, picture).Failed(out refused, out var target)
            || (await assertions.ReadAsync(client, assertion)).Failed(out refused, out var subject))
        {
            return refused;
        }

        if (await subjects.FindAsync(SubjectIdentifiers.SubjectId(subject), cancellationToken) is not { IsActive: true } person)
        {
            return OidcError.Grant("The assertion is not valid.", "the person whom it names is disabled or unknown");
        }

        var grant = new Grant { Gid = RandomText.Id(), ClientId = client.ClientId, SubjectId = person.Id, Scopes = target.Scopes, Audiences = target.Audiences };
        await writer.WriteAsync(db => GrantRows.InsertAsync(db, RowOf(grant, client)));
        return await issuer.IssueAsync(client, grant, new TokenDetails(target, key), cancellationToken);
    }

    /// <summary>So that the token ends when the person or the client does.</summary>
    private GrantRecord RowOf(Grant grant, Client client)
    {
        var now = clock.GetUtcNow();
        return new GrantRecord
        {
            Gid = grant.Gid,
            SubjectId = grant.SubjectId!,
            ClientId = grant.ClientId,
            Scopes = Scopes.Join(grant.Scopes),
            Resources = Scopes.Join(grant.Audiences),
            CreatedAt = now,
            ForgetAt = now + client.AccessTokenLifetime + TimeSpan.FromMinutes(5),
        };
    }
}
