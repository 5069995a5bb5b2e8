using Anthane.Gateway.Revocations;

namespace Anthane.Gateway.Authentication;

/// <summary>One trusted issuer: who signs, for which audiences, and where its keys are.</summary>
/// <param name="Name">The word that routes use in AuthenticationProviderKeys.</param>
/// <param name="Authority">The issuer, byte for byte as it stands in <c>iss</c> and in the discovery document.</param>
/// <param name="Audiences">A token needs one of these in <c>aud</c>.</param>
/// <param name="MetadataAddress">Where the discovery document is read.</param>
/// <param name="JwksAddress">Where the keys are read; null follows the document's jwks_uri.</param>
/// <param name="TokenTypes">Accepted <c>typ</c> values, without "application/".</param>
internal sealed record IssuerSettings(
    string Name,
    string Authority,
    IReadOnlyList<string> Audiences,
    Uri MetadataAddress,
    Uri? JwksAddress,
    IReadOnlyList<string> TokenTypes)
{
    /// <summary>Where it tells what ended before its time; null when it does not.</summary>
    public RevocationFeedSettings? RevocationFeed { get; init; }

    /// <summary>Where its tokens say what: other issuers have other names.</summary>
    public ClaimNames Claims { get; init; } = new();

    /// <summary>For how long keys that were kept on disk are good for a start without the issuer; zero keeps none.</summary>
    public TimeSpan KeysOnDisk { get; init; } = TimeSpan.FromHours(24);
}
