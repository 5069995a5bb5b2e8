using System.Globalization;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Pages.Shared;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>A client as it is typed. Nothing is judged here; <see cref="ClientAdmin"/> has the one validator.</summary>
internal sealed class ClientForm
{
    public ClientKind Kind { get; set; }

    public string ClientId { get; set; } = "";

    public string Name { get; set; } = "";

    public bool FirstParty { get; set; }

    public List<string> GrantTypes { get; set; } = [];

    public string RedirectUris { get; set; } = "";

    public string PostLogoutRedirectUris { get; set; } = "";

    public string BackchannelLogoutUri { get; set; } = "";

    public bool BackchannelLogoutSessionRequired { get; set; }

    public List<string> Scopes { get; set; } = [];

    public string DefaultScopes { get; set; } = "";

    public string Profile { get; set; } = ClientProfile.Default.Name;

    public List<string> Rules { get; set; } = [];

    public List<string> ExchangeFrom { get; set; } = [];

    public string ExchangeClients { get; set; } = "";

    public List<string> ExchangeTo { get; set; } = [];

    public bool ExchangeImpersonates { get; set; }

    public string HomeUri { get; set; } = "";

    public string LogoUri { get; set; } = "";

    public string PolicyUri { get; set; } = "";

    public string TermsUri { get; set; } = "";

    public int? AccessTokenSeconds { get; set; }

    public int? IdTokenSeconds { get; set; }

    public int? CodeSeconds { get; set; }

    public int? RefreshIdleSeconds { get; set; }

    public int? RefreshAbsoluteSeconds { get; set; }

    public int? RefreshGraceSeconds { get; set; }

    public string TokenEndpointAuthMethod { get; set; } = "";

    public string TokenEndpointAuthSigningAlg { get; set; } = "";

    public string IdTokenSignedResponseAlg { get; set; } = "";

    public string Jwks { get; set; } = "";

    public string JwksUri { get; set; } = "";

    public string TlsSubjectType { get; set; } = "";

    public string TlsSubject { get; set; } = "";

    public string Version { get; set; } = "";

    public static ClientForm Of(Client client) => new()
    {
        Kind = client.Kind,
        ClientId = client.ClientId,
        Name = client.Name,
        FirstParty = client.FirstParty,
        GrantTypes = [.. client.GrantTypes],
        RedirectUris = Lines.Join(client.RedirectUris),
        PostLogoutRedirectUris = Lines.Join(client.PostLogoutRedirectUris),
        BackchannelLogoutUri = client.BackchannelLogoutUri ?? "",
        BackchannelLogoutSessionRequired = client.BackchannelLogoutSessionRequired,
        Scopes = [.. client.Scopes],
        DefaultScopes = string.Join(' ', client.DefaultScopes),
        Profile = client.Profile,
        Rules = [.. client.Rules],
        ExchangeFrom = [.. client.Exchange?.From ?? []],
        ExchangeClients = string.Join(' ', client.Exchange?.Clients ?? []),
        ExchangeTo = [.. client.Exchange?.To ?? []],
        ExchangeImpersonates = client.Exchange?.Impersonates is true,
        HomeUri = client.HomeUri ?? "",
        LogoUri = client.LogoUri ?? "",
        PolicyUri = client.PolicyUri ?? "",
        TermsUri = client.TermsUri ?? "",
        AccessTokenSeconds = client.AccessTokenSeconds,
        IdTokenSeconds = client.IdTokenSeconds,
        CodeSeconds = client.CodeSeconds,
        RefreshIdleSeconds = client.RefreshIdleSeconds,
        RefreshAbsoluteSeconds = client.RefreshAbsoluteSeconds,
        RefreshGraceSeconds = client.RefreshGraceSeconds,
        TokenEndpointAuthMethod = client.TokenEndpointAuthMethod ?? "",
        IdTokenSignedResponseAlg = client.IdTokenSignedResponseAlg ?? "",
        TokenEndpointAuthSigningAlg = client.TokenEndpointAuthSigningAlg ?? "",
        Jwks = client.Jwks ?? "",
        JwksUri = client.JwksUri ?? "",
        TlsSubjectType = client.TlsSubjectType ?? "",
        TlsSubject = client.TlsSubject ?? "",
        Version = client.Version,
    };

    /// <summary>The client of the form, with what the form does not show as it is stored.</summary>
    /// <param name="stored">The client that is edited; null for a new one.</param>
    public Client ToClient(Client? stored = null) => new()
    {
        Kind = Kind,
        ClientId = ClientId.Trim(),
        Name = Name.Trim(),
        FirstParty = FirstParty,
        GrantTypes = [.. GrantTypes],
        RedirectUris = Lines.Split(RedirectUris),
        PostLogoutRedirectUris = Lines.Split(PostLogoutRedirectUris),
        BackchannelLogoutUri = Lines.OrNull(BackchannelLogoutUri),
        BackchannelLogoutSessionRequired = BackchannelLogoutSessionRequired,
        Scopes = [.. Scopes],
        DefaultScopes = Lines.Words(DefaultScopes),
        Profile = Profile,
        Rules = [.. Rules],
        Exchange = Exchange(),
        HomeUri = Lines.OrNull(HomeUri),
        LogoUri = Lines.OrNull(LogoUri),
        PolicyUri = Lines.OrNull(PolicyUri),
        TermsUri = Lines.OrNull(TermsUri),
        AccessTokenSeconds = AccessTokenSeconds,
        IdTokenSeconds = IdTokenSeconds,
        CodeSeconds = CodeSeconds,
        RefreshIdleSeconds = RefreshIdleSeconds,
        RefreshAbsoluteSeconds = RefreshAbsoluteSeconds,
        RefreshGraceSeconds = RefreshGraceSeconds,
        TokenEndpointAuthMethod = Lines.OrNull(TokenEndpointAuthMethod),
        IdTokenSignedResponseAlg = Lines.OrNull(IdTokenSignedResponseAlg),
        TokenEndpointAuthSigningAlg = Lines.OrNull(TokenEndpointAuthSigningAlg),
        Jwks = Lines.OrNull(Jwks),
        JwksUri = Lines.OrNull(JwksUri),
        TlsSubjectType = Lines.OrNull(TlsSubject) is null ? null : Lines.OrNull(TlsSubjectType),
        TlsSubject = Lines.OrNull(TlsSubject),
        DefaultMaxAgeSeconds = stored?.DefaultMaxAgeSeconds,
        OtherMetadata = stored?.OtherMetadata,
        Version = Version,
    };

    /// <summary>Nothing filled in is no policy.</summary>
    private ExchangePolicy? Exchange() => ExchangeFrom.Count + ExchangeTo.Count + ExchangeClients.Trim().Length == 0 && !ExchangeImpersonates
        ? null
        : new ExchangePolicy { From = [.. ExchangeFrom], Clients = Lines.Words(ExchangeClients), To = [.. ExchangeTo], Impersonates = ExchangeImpersonates };

    /// <summary>Fields in which what is stored is not what was typed, with the stored text.</summary>
    public static IReadOnlyDictionary<string, string> Differences(ClientForm typed, ClientForm stored) =>
        Texts(stored).Zip(Texts(typed)).Where(pair => pair.First.Text != pair.Second.Text).ToDictionary(pair => pair.First.Field, pair => pair.First.Text);

    private static IEnumerable<(string Field, string Text)> Texts(ClientForm form)
    {
        yield return (nameof(Name), form.Name);
        yield return (nameof(FirstParty), form.FirstParty ? "yes" : "no");
        yield return (nameof(GrantTypes), string.Join(' ', form.GrantTypes.Order(StringComparer.Ordinal)));
        yield return (nameof(RedirectUris), Lines.Join(Lines.Split(form.RedirectUris)));
        yield return (nameof(PostLogoutRedirectUris), Lines.Join(Lines.Split(form.PostLogoutRedirectUris)));
        yield return (nameof(BackchannelLogoutUri), form.BackchannelLogoutUri);
        yield return (nameof(BackchannelLogoutSessionRequired), form.BackchannelLogoutSessionRequired ? "yes" : "no");
        yield return (nameof(Scopes), string.Join(' ', form.Scopes.Order(StringComparer.Ordinal)));
        yield return (nameof(DefaultScopes), form.DefaultScopes);
        yield return (nameof(Profile), ClientProfile.Find(form.Profile)?.Title ?? form.Profile);
        yield return (nameof(Rules), string.Join(' ', form.Rules.Order(StringComparer.Ordinal)));
        yield return (nameof(ExchangeFrom), string.Join(' ', form.ExchangeFrom.Order(StringComparer.Ordinal)));
        yield return (nameof(ExchangeClients), form.ExchangeClients);
        yield return (nameof(ExchangeTo), string.Join(' ', form.ExchangeTo.Order(StringComparer.Ordinal)));
        yield return (nameof(ExchangeImpersonates), form.ExchangeImpersonates ? "yes" : "no");
        yield return (nameof(HomeUri), form.HomeUri);
        yield return (nameof(LogoUri), form.LogoUri);
        yield return (nameof(PolicyUri), form.PolicyUri);
        yield return (nameof(TermsUri), form.TermsUri);
        yield return (nameof(AccessTokenSeconds), Text(form.AccessTokenSeconds));
        yield return (nameof(IdTokenSeconds), Text(form.IdTokenSeconds));
        yield return (nameof(CodeSeconds), Text(form.CodeSeconds));
        yield return (nameof(RefreshIdleSeconds), Text(form.RefreshIdleSeconds));
        yield return (nameof(RefreshAbsoluteSeconds), Text(form.RefreshAbsoluteSeconds));
        yield return (nameof(RefreshGraceSeconds), Text(form.RefreshGraceSeconds));
        yield return (nameof(TokenEndpointAuthMethod), form.TokenEndpointAuthMethod);
        yield return (nameof(IdTokenSignedResponseAlg), form.IdTokenSignedResponseAlg);
        yield return (nameof(TokenEndpointAuthSigningAlg), form.TokenEndpointAuthSigningAlg);
        yield return (nameof(Jwks), form.Jwks.ReplaceLineEndings("\n").Trim());
        yield return (nameof(JwksUri), form.JwksUri);
        yield return (nameof(TlsSubjectType), form.TlsSubject.Length > 0 ? form.TlsSubjectType : "");
        yield return (nameof(TlsSubject), form.TlsSubject);
    }

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
