using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.AuthorizationRequests;

/// <summary>Where the answer goes, proven: the client exists and the redirect URI is its own. Errors may be sent there.</summary>
internal sealed record ReturnAddress(Client Client, string RedirectUri, string? State, string ResponseMode);

/// <summary>An authorization request that passed every check. Only <see cref="AuthorizeRequestChecker"/> makes one.</summary>
internal sealed record AuthorizeRequest
{
    internal AuthorizeRequest(ReturnAddress returnAddress, Target target)
    {
        ReturnAddress = returnAddress;
        Target = target;
    }

    public ReturnAddress ReturnAddress { get; }

    public Client Client => ReturnAddress.Client;

    public Target Target { get; }

    public required Parameters Parameters { get; init; }

    public string? Nonce { get; init; }

    public string? CodeChallenge { get; init; }

    /// <summary>The DPoP key that alone may redeem the code (RFC 9449 section 10).</summary>
    public string? DpopJkt { get; init; }

    public required IReadOnlySet<string> Prompts { get; init; }

    public TimeSpan? MaxAge { get; init; }

    public IdTokenHint? Hint { get; init; }

    public ClaimsRequest Claims { get; init; } = ClaimsRequest.Empty;

    /// <summary>What the person must have allowed: the scopes, and for claims asked for by name the scopes that tell of them.</summary>
    public IReadOnlyList<string> ToAllow => ReferenceEquals(Claims.Named, NamedClaims.None)
        ? Target.Scopes
        : Target.Scopes.Union(Claims.Named.All.Select(ScopeClaims.ScopeOf).OfType<string>(), StringComparer.Ordinal).ToArray();

    /// <summary>Names the row of the pushed request that this one came from; null when its parameters came by the browser.</summary>
    public string? PushedHash { get; init; }

    /// <summary>What is stored of it while it waits.</summary>
    public KeptRequest ToKeep => new(Client.ClientId, Parameters, ToAllow, ReturnAddress.RedirectUri);

    public bool Asks(string prompt) => Prompts.Contains(prompt);
}

/// <summary>The outcome of the checks: a request, an error to show here, or one to send to the proven address.</summary>
internal abstract record CheckedRequest
{
    public sealed record Passed(AuthorizeRequest Request) : CheckedRequest;

    public sealed record Shown(OidcError Error, string? ClientId) : CheckedRequest;

    public sealed record Redirected(OidcError Error, ReturnAddress To) : CheckedRequest;
}
