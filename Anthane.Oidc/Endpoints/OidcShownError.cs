using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Endpoints;

/// <summary>A refusal that must be shown to the person, since there is no safe place to send it. Set as a feature of the request.</summary>
/// <param name="Code">The error code of the protocol.</param>
/// <param name="Description">What is wrong, in words for the developer of the app.</param>
/// <param name="SupportId">The id to quote; the log has it too.</param>
public sealed record OidcShownError(string Code, string Description, string SupportId)
{
    /// <summary>A sign-in that was finished, waited too long or belongs to another browser. Not of the protocol: no client sees it.</summary>
    public const string SignInOver = "sign_in_over";

    /// <summary>A pushed request (RFC 9126) that is unknown, spent or too old.</summary>
    public const string InvalidRequestUri = OidcError.InvalidRequestUri;
}
