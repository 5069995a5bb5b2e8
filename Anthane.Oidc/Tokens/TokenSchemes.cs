using Anthane.Oidc.Grants;

namespace Anthane.Oidc.Tokens;

/// <summary>How an access token is sent: values of token_type, and schemes of the Authorization header.</summary>
internal static class TokenSchemes
{
    public const string Bearer = "Bearer";
    public const string Dpop = "DPoP";

    /// <summary>One that is bound to a certificate is sent as a bearer token is (RFC 8705 section 3).</summary>
    public static string Of(Confirmation? key) => key is { Kind: ConfirmationKind.Jkt } ? Dpop : Bearer;
}
