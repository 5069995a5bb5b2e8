namespace Anthane.Oidc.Clients;

/// <summary>How the program that registered a client looks after it (RFC 7592), and what it may ask for.</summary>
/// <param name="TokenHash">Hash of its registration access token.</param>
/// <param name="Scopes">The scopes that the client may have.</param>
/// <param name="GrantTypes">The grant types that the client may have.</param>
internal sealed record SelfService(string TokenHash, IReadOnlyList<string> Scopes, IReadOnlyList<string> GrantTypes);
