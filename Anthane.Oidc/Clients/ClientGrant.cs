using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>The grant types that a client can be allowed (RFC 6749 section 1.3), by their names in the protocol.</summary>
public static class ClientGrant
{
    /// <summary>A person signs in and the client gets a code (RFC 6749 section 4.1).</summary>
    public const string AuthorizationCode = GrantTypes.AuthorizationCode;

    /// <summary>The client renews its tokens without the person (RFC 6749 section 6). It comes by another grant.</summary>
    public const string RefreshToken = GrantTypes.RefreshToken;

    /// <summary>The client acts as itself (RFC 6749 section 4.4). For clients that keep a secret.</summary>
    public const string ClientCredentials = GrantTypes.ClientCredentials;

    /// <summary>A person allows a device that has no browser or keyboard, by a code typed elsewhere (RFC 8628).</summary>
    public const string DeviceCode = GrantTypes.DeviceCode;

    /// <summary>A service exchanges the token that it was called with for one to call the next service with (RFC 8693). For clients that keep a secret and have an <see cref="ExchangePolicy"/>.</summary>
    public const string TokenExchange = GrantTypes.TokenExchange;

    /// <summary>The client brings the word of an issuer that this server trusts (RFC 7523 section 2.1). For clients that authenticate.</summary>
    public const string JwtBearer = GrantTypes.JwtBearer;

    /// <summary>Every grant type there is, with what it means.</summary>
    public static readonly IReadOnlyList<ClientGrantDescription> All =
    [
        new(AuthorizationCode, "People sign in", "The app sends them here and gets a code for tokens."),
        new(RefreshToken, "Renews its tokens", "It gets refresh tokens, and needs no new sign-in while they last."),
        new(ClientCredentials, "Acts as itself", "It gets tokens with its secret alone, without a person, for every API scope that it may ask for."),
        new(DeviceCode, "Signs in a device by a code", "The app runs where nobody can type, such as a TV or a terminal. People type the code that it shows into their phone, and allow it there."),
        new(TokenExchange, "Calls other APIs for people", "It exchanges the token that it was called with for one to call another API with, within the limits below."),
        new(JwtBearer, "Brings the word of another issuer", "It gets tokens for a person whom an issuer names that this server is set up to trust. The person takes no part in it."),
    ];

    /// <summary>What a client of this kind starts with.</summary>
    public static IReadOnlyList<string> DefaultsOf(ClientKind kind) => kind is ClientKind.Service ? [ClientCredentials] : [AuthorizationCode, RefreshToken];

    /// <summary>What a client of this kind can be allowed at all: a service has no browser, and without a secret nobody can act as themselves.</summary>
    public static IReadOnlyList<string> PossibleFor(ClientKind kind) => kind switch
    {
        ClientKind.Service => [ClientCredentials, TokenExchange, JwtBearer],
        ClientKind.Web => [AuthorizationCode, RefreshToken, ClientCredentials, DeviceCode, TokenExchange, JwtBearer],
        ClientKind.Native => [AuthorizationCode, RefreshToken, DeviceCode],
        _ => [AuthorizationCode, RefreshToken],
    };
}

/// <summary>One grant type in the words of the client's page.</summary>
/// <param name="Name">Its name in the protocol, which is also what is stored.</param>
/// <param name="Title">A short title.</param>
/// <param name="Meaning">One sentence on what follows from it.</param>
public sealed record ClientGrantDescription(string Name, string Title, string Meaning);
