namespace Anthane.Oidc.Keys;

/// <summary>What tokens can be signed with (RFC 7518 section 3.1), by their names in the protocol.</summary>
public static class SigningAlgorithms
{
    /// <summary>RSA with PKCS#1 padding: what every verifier knows, and the default.</summary>
    public const string Rs256 = "RS256";

    /// <summary>RSA with PSS padding (FAPI 2.0 section 5.4.1).</summary>
    public const string Ps256 = "PS256";

    /// <summary>Elliptic curve P-256: short signatures, made many times as fast.</summary>
    public const string Es256 = "ES256";

    /// <summary>All of them, the default first.</summary>
    public static readonly IReadOnlyList<string> All = [Rs256, Ps256, Es256];
}
