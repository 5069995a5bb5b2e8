namespace Anthane.Oidc.Clients;

/// <summary>A named set of rules that a client follows, beside the rules of its own. One setting says what kind of advice the client was built to.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Title">A short title.</param>
/// <param name="Meaning">One or two sentences on what follows from it.</param>
/// <param name="Rules">The rules of <see cref="ClientRule"/> that it brings.</param>
public sealed record ClientProfile(string Name, string Title, string Meaning, IReadOnlyList<string> Rules)
{
    /// <summary>What tokens for the client may be signed with, the default first.</summary>
    public IReadOnlyList<string> SigningAlgorithms { get; init; } = Keys.SigningAlgorithms.All;

    /// <summary>How the client may prove who it is; see <see cref="ClientAuthMethod"/>. Empty: as its kind allows.</summary>
    public IReadOnlyList<string> AuthMethods { get; init; } = [];

    /// <summary>What the client's own assertions may be signed with, beside the algorithm that it registered.</summary>
    public IReadOnlyList<string> AssertionAlgorithms { get; init; } = AssertionAuthentication.Algorithms;

    /// <summary>Rules of <see cref="ClientRule"/> that a client of this profile cannot have.</summary>
    public IReadOnlyList<string> RefusedRules { get; init; } = [];

    /// <summary>What today's advice asks of everybody: OAuth 2.1 and RFC 9700, which is what this server does by itself.</summary>
    public static readonly ClientProfile Default = new("default", "Today's advice", "OAuth 2.1 and RFC 9700: what is asked of every app.", []);

    /// <summary>FAPI 2.0 Security Profile Final: section 5.4.1 leaves out RS256, 5.3.2.1 rotation, and nothing of it is weakened.</summary>
    public static readonly ClientProfile Fapi2 = new(
        "fapi2",
        "High security (FAPI 2.0)",
        "For money, health and the state: requests are pushed, the app proves itself with a key or a certificate, and its tokens work with that alone.",
        [ClientRule.RequirePushedRequests, ClientRule.SenderConstrainedAccessTokens])
    {
        SigningAlgorithms = [Keys.SigningAlgorithms.Ps256, Keys.SigningAlgorithms.Es256],
        AuthMethods = [ClientAuthMethod.PrivateKeyJwt, ClientAuthMethod.TlsClientAuth, ClientAuthMethod.SelfSignedTlsClientAuth],
        AssertionAlgorithms = [Keys.SigningAlgorithms.Ps256, Keys.SigningAlgorithms.Es256],
        RefusedRules = [.. ClientRule.All.Where(rule => rule.Weakens).Select(rule => rule.Name), ClientRule.RotateRefreshTokens],
    };

    /// <summary>
    /// The authorization part of the Model Context Protocol: metadata by RFC 8414, the API named by RFC 8707, and clients that
    /// nobody registered by <see cref="OidcOptions.ClientDocuments"/>, which all follow this profile.
    /// </summary>
    public static readonly ClientProfile Mcp = new("mcp", "AI agent (MCP)", "An agent names the API that it wants a token for in each request.", [ClientRule.RequireResource]);

    /// <summary>For clients that were built to the advice of earlier years.</summary>
    public static readonly ClientProfile Legacy = new(
        "legacy",
        "Older apps",
        "For apps whose library is behind: a confidential client may leave out PKCE, and address its assertions to the token endpoint. Weakens defaults; move on when you can.",
        [ClientRule.WithoutPkce, ClientRule.TokenUrlAsAssertionAudience]);

    /// <summary>Every profile there is.</summary>
    public static readonly IReadOnlyList<ClientProfile> All = [Default, Fapi2, Mcp, Legacy];

    /// <summary>The profile of this name, or null.</summary>
    public static ClientProfile? Find(string name) => All.FirstOrDefault(profile => profile.Name == name);
}
