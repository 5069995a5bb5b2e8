using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Pages.Shared;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>A scope that can be ticked, with what it means.</summary>
internal sealed record ScopeChoice(string Name, string Meaning);

/// <summary>What the form of a client shows: the typed values, what there is to choose from, and what is stored where it differs.</summary>
internal sealed class ClientFormView
{
    private ClientFormView(ClientForm form, bool isNew, IReadOnlyDictionary<string, string> stored)
    {
        Form = form;
        IsNew = isNew;
        this.stored = stored;
    }

    private readonly IReadOnlyDictionary<string, string> stored;

    public ClientForm Form { get; }

    public bool IsNew { get; }

    public bool HasPeople => Form.Kind is not ClientKind.Service;

    public bool KeepsSecret => Form.Kind is ClientKind.Web or ClientKind.Service;

    public IReadOnlyList<(string Group, IReadOnlyList<ScopeChoice> Scopes)> Scopes { get; private set; } = [];

    /// <summary>The APIs that tokens can be exchanged from and for.</summary>
    public IReadOnlyList<ScopeChoice> Apis { get; private set; } = [];

    /// <summary>The grant types that this kind of client can be allowed, and any that it has anyway.</summary>
    public IEnumerable<ClientGrantDescription> Grants => ClientGrant.All.Where(grant => Form.GrantTypes.Contains(grant.Name) || ClientGrant.PossibleFor(Form.Kind).Contains(grant.Name));

    /// <summary>The rules that have an effect on this kind of client, and any that it carries anyway.</summary>
    public IEnumerable<ClientRuleDescription> Rules => ClientRule.All.Where(rule => Form.Rules.Contains(rule.Name) || rule.Name switch
    {
        ClientRule.WithoutPkce or ClientRule.RotateRefreshTokens => Form.Kind is ClientKind.Web,
        ClientRule.ClaimsInIdToken => HasPeople,
        ClientRule.TokenUrlAsAssertionAudience => Form.TokenEndpointAuthMethod == ClientAuthMethod.PrivateKeyJwt,
        ClientRule.IntrospectAny or ClientRule.ReadRevocations => KeepsSecret,
        _ => true,
    });

    /// <summary>The rule comes with the chosen profile, whether it is ticked or not.</summary>
    public bool IsOfProfile(ClientRuleDescription rule) => ClientProfile.Find(Form.Profile)?.Rules.Contains(rule.Name) == true;

    public string? Stored(string field) => stored.GetValueOrDefault(field);

    public static async Task<ClientFormView> OfAsync(ClientForm form, bool isNew, ApiAdmin apis, IReadOnlyDictionary<string, string>? stored = null)
    {
        var view = new ClientFormView(form, isNew, stored ?? new Dictionary<string, string>());
        var groups = new List<(string, IReadOnlyList<ScopeChoice>)>();
        if (view.HasPeople)
        {
            groups.Add(("About the person", [.. Anthane.Oidc.Protocol.Scopes.OfIdentity.Select(name => new ScopeChoice(name, ScopeTexts.Of(name).Title))]));
        }

        var scopes = await apis.ScopesAsync();
        var all = await apis.ListAsync();
        view.Apis = [.. all.Select(api => new ScopeChoice(api.Audience, api.Name))];
        foreach (var api in all)
        {
            var own = scopes.Where(scope => scope.Audience == api.Audience).Select(scope => new ScopeChoice(scope.Name, scope.DisplayName)).ToList();
            if (own.Count > 0)
            {
                groups.Add((api.Name, own));
            }
        }

        view.Scopes = groups;
        return view;
    }
}
