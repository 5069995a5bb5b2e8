using Anthane.Oidc.Outbound;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>The single validator of clients: for seeds, pages, registration and import alike.</summary>
internal static class ClientRules
{
    private const int MostUris = 20;

    /// <summary>Every problem at once; none means valid.</summary>
    /// <param name="client">What was asked for.</param>
    /// <param name="apiScopes">The scopes that there are, beside those of identity.</param>
    /// <param name="loopbackFetches">Whether addresses that this server calls may be http on loopback.</param>
    /// <param name="audiences">The audiences of the APIs that there are. Null: none.</param>
    /// <param name="byDocument">It describes itself by a document: its id is the address of that, which whoever fetched it has checked.</param>
    public static IReadOnlyList<RuleProblem> Check(Client client, IReadOnlySet<string> apiScopes, bool loopbackFetches = false, IReadOnlySet<string>? audiences = null, bool byDocument = false)
    {
        var problems = new List<RuleProblem>();
        void Wrong(string field, string message) => problems.Add(new RuleProblem(field, message));

        Names(client, byDocument, Wrong);
        Grants(client, Wrong);
        Redirects(client, Wrong);
        BackchannelLogout(client, loopbackFetches, Wrong);
        ScopeLists(client, apiScopes, Wrong);
        Lifetimes(client, Wrong);
        problems.AddRange(ExchangeRules.Check(client, audiences ?? new HashSet<string>()));
        problems.AddRange(ClientKeyRules.Check(client, loopbackFetches));
        foreach (var rule in client.Rules.Where(rule => ClientRule.All.All(known => known.Name != rule)))
        {
            Wrong(nameof(Client.Rules), $"There is no rule named {rule}.");
        }

        if (client.Has(ClientRule.CertificateBoundAccessTokens) && client.Has(ClientRule.DpopBoundAccessTokens))
        {
            Wrong(nameof(Client.Rules), "Tokens are bound to a key or to a certificate, not to both.");
        }

        if (ClientProfile.Find(client.Profile) is null)
        {
            Wrong(nameof(Client.Profile), $"There is no profile named {client.Profile}.");
        }

        Profile(client, Wrong);
        if (client.IsPublic && client.Rules.Contains(ClientRule.WithoutPkce))
        {
            Wrong(nameof(Client.Rules), "An app without a secret always needs PKCE.");
        }

        if (client.IsPublic && client.Has(ClientRule.ReadRevocations))
        {
            Wrong(nameof(Client.Rules), "An app without a secret cannot read the revocation feed.");
        }

        return problems;
    }

    /// <summary>What the profile asks beyond rules.</summary>
    private static void Profile(Client client, Action<string, string> wrong)
    {
        var profile = ClientProfile.Find(client.Profile) ?? ClientProfile.Default;
        if (client.IdTokenSignedResponseAlg is { } algorithm && !profile.SigningAlgorithms.Contains(algorithm))
        {
            wrong(nameof(Client.IdTokenSignedResponseAlg), $"It must be one of {string.Join(", ", profile.SigningAlgorithms)}.");
        }

        if (profile.AuthMethods.Count > 0 && !profile.AuthMethods.Contains(client.TokenEndpointAuthMethod ?? ""))
        {
            wrong(nameof(Client.TokenEndpointAuthMethod), $"The profile {profile.Name} needs one of {string.Join(", ", profile.AuthMethods)}.");
        }

        if (client.Rules.FirstOrDefault(profile.RefusedRules.Contains) is { } against)
        {
            wrong(nameof(Client.Rules), $"The profile {profile.Name} does not go with {against}.");
        }
    }

    private static void Names(Client client, bool byDocument, Action<string, string> wrong)
    {
        if (!byDocument && (client.ClientId.Length is < 1 or > 100 || !client.ClientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
        {
            wrong(nameof(Client.ClientId), "Use 1 to 100 letters, digits, dots, dashes or underscores.");
        }

        if (string.IsNullOrWhiteSpace(client.Name) || client.Name.Length > 100 || client.Name.Any(ShownText.IsTreacherous))
        {
            wrong(nameof(Client.Name), "Give a name of 1 to 100 characters, without line breaks and text-direction marks.");
        }

        foreach (var (field, uri) in new[] { (nameof(Client.HomeUri), client.HomeUri), (nameof(Client.LogoUri), client.LogoUri), (nameof(Client.PolicyUri), client.PolicyUri), (nameof(Client.TermsUri), client.TermsUri) })
        {
            if (uri is not null && RedirectUris.Problem(uri, ClientKind.Web) is { } problem)
            {
                wrong(field, problem);
            }
        }
    }

    private static void Grants(Client client, Action<string, string> wrong)
    {
        if (client.GrantTypes.Count == 0)
        {
            wrong(nameof(Client.GrantTypes), "Choose at least one: without any it gets no tokens.");
        }

        foreach (var grant in client.GrantTypes.Where(grant => !ClientGrant.PossibleFor(client.Kind).Contains(grant)))
        {
            wrong(nameof(Client.GrantTypes), ClientGrant.All.Any(known => known.Name == grant)
                ? $"A client of this kind cannot use {grant}."
                : $"There is no grant type named {grant}.");
        }

        if (client.GrantTypes.Distinct(StringComparer.Ordinal).Count() < client.GrantTypes.Count)
        {
            wrong(nameof(Client.GrantTypes), "Name each grant type once.");
        }

        if (client.MayUse(ClientGrant.RefreshToken) && !client.MayUse(ClientGrant.AuthorizationCode) && !client.MayUse(ClientGrant.DeviceCode))
        {
            wrong(nameof(Client.GrantTypes), "refresh_token needs a way for people to sign in, authorization_code or device_code: that is where refresh tokens come from.");
        }

        if (client.Scopes.Contains(Scopes.OfflineAccess) && !client.MayUse(ClientGrant.RefreshToken))
        {
            wrong(nameof(Client.Scopes), "offline_access is about refresh tokens, and this client may not use them.");
        }
    }

    private static void Redirects(Client client, Action<string, string> wrong)
    {
        if (client.Kind is ClientKind.Service && (client.RedirectUris.Count > 0 || client.PostLogoutRedirectUris.Count > 0))
        {
            wrong(nameof(Client.RedirectUris), "A service has no browser to redirect: leave this empty.");
        }

        if (client.MayUse(ClientGrant.AuthorizationCode) && client.Kind is not ClientKind.Service && client.RedirectUris.Count == 0)
        {
            wrong(nameof(Client.RedirectUris), "Give at least one address to return to.");
        }

        foreach (var (field, uris) in new[] { (nameof(Client.RedirectUris), client.RedirectUris), (nameof(Client.PostLogoutRedirectUris), client.PostLogoutRedirectUris) })
        {
            if (uris.Count > MostUris)
            {
                wrong(field, "At most 20 addresses.");
            }

            foreach (var uri in uris)
            {
                if (RedirectUris.Problem(uri, client.Kind) is { } problem)
                {
                    wrong(field, $"{uri}: {problem}");
                }
            }
        }
    }

    private static void BackchannelLogout(Client client, bool loopbackFetches, Action<string, string> wrong)
    {
        if (client.BackchannelLogoutUri is not { } uri)
        {
            return;
        }

        if (client.Kind is ClientKind.Service)
        {
            wrong(nameof(Client.BackchannelLogoutUri), "A service has no sessions that could end: leave this empty.");
        }
        else if (OutboundAddresses.Problem(uri, loopbackFetches, inside: true) is { } problem)
        {
            wrong(nameof(Client.BackchannelLogoutUri), problem);
        }
    }

    private static void ScopeLists(Client client, IReadOnlySet<string> apiScopes, Action<string, string> wrong)
    {
        foreach (var scope in client.Scopes)
        {
            if (!Scopes.IsOfIdentity(scope) && !apiScopes.Contains(scope))
            {
                wrong(nameof(Client.Scopes), $"There is no scope named {scope}.");
            }
            else if (client.Kind is ClientKind.Service && Scopes.IsOfIdentity(scope))
            {
                wrong(nameof(Client.Scopes), $"{scope} is about a person, and a service acts as itself.");
            }
        }

        foreach (var scope in client.DefaultScopes.Where(scope => !client.Scopes.Contains(scope)))
        {
            wrong(nameof(Client.DefaultScopes), $"{scope} is not among the client's scopes.");
        }

        if (client.DefaultScopes.Contains(Scopes.OfflineAccess))
        {
            wrong(nameof(Client.DefaultScopes), "offline_access must be asked for by name.");
        }
    }

    private static void Lifetimes(Client client, Action<string, string> wrong)
    {
        void Range(string field, int? seconds, int least, int most)
        {
            if (seconds is { } value && (value < least || value > most))
            {
                wrong(field, $"From {least} to {most} seconds.");
            }
        }

        Range(nameof(Client.AccessTokenSeconds), client.AccessTokenSeconds, 30, 86_400);
        Range(nameof(Client.IdTokenSeconds), client.IdTokenSeconds, 30, 86_400);
        Range(nameof(Client.CodeSeconds), client.CodeSeconds, 10, 60);
        Range(nameof(Client.RefreshIdleSeconds), client.RefreshIdleSeconds, 60, 31_536_000);
        Range(nameof(Client.RefreshAbsoluteSeconds), client.RefreshAbsoluteSeconds, 60, 31_536_000);
        Range(nameof(Client.DefaultMaxAgeSeconds), client.DefaultMaxAgeSeconds, 0, 31_536_000);
        Range(nameof(Client.RefreshGraceSeconds), client.RefreshGraceSeconds, 0, 120);
    }
}
