namespace Anthane.Oidc.Protocol;

/// <summary>Grant types (RFC 6749, RFC 8628, RFC 8693).</summary>
internal static class GrantTypes
{
    public const string AuthorizationCode = "authorization_code";
    public const string ClientCredentials = "client_credentials";
    public const string RefreshToken = "refresh_token";
    public const string DeviceCode = "urn:ietf:params:oauth:grant-type:device_code";
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <summary>RFC 7523 section 2.1. Not among the others: it is offered where issuers are trusted.</summary>
    public const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    public static readonly IReadOnlyList<string> All = [AuthorizationCode, RefreshToken, ClientCredentials, DeviceCode, TokenExchange];
}

/// <summary>Values of the prompt parameter (OpenID Connect Core 3.1.2.1, Initiating User Registration 1.0).</summary>
internal static class Prompts
{
    public const string None = "none";
    public const string Login = "login";
    public const string Consent = "consent";
    public const string SelectAccount = "select_account";
    public const string Create = "create";

    public static readonly IReadOnlyList<string> All = [None, Login, Consent, SelectAccount, Create];
}

/// <summary>Where the answer of the authorization endpoint goes.</summary>
internal static class ResponseModes
{
    public const string Query = "query";
    public const string FormPost = "form_post";
}

/// <summary>Authentication context classes, weakest first.</summary>
internal static class AcrValues
{
    /// <summary>One secret that the person knows.</summary>
    public const string Password = "pwd";

    /// <summary>What a sign-in can reach today; mfa and phr are reserved words until second factors and passkeys come.</summary>
    public static readonly IReadOnlyList<string> Supported = [Password];
}

/// <summary>The typ header of each kind of token that we sign, so that none can pass for another (RFC 8725 3.11).</summary>
internal static class TokenTypes
{
    public const string AccessToken = "at+jwt";
    public const string IdToken = "JWT";
    public const string LogoutToken = "logout+jwt";
}
