using System.Globalization;
using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.AuthorizationRequests;

/// <summary>
/// Checks an authorization request, in an order that matters: nothing is sent anywhere before the client and its redirect
/// URI are proven (RFC 6749 section 4.1.2.1), and after that everything is.
/// </summary>
internal sealed class AuthorizeRequestChecker(ClientFinder clients, ResourceStore resources, TokenReader tokens, OidcOptions options)
{
    private static readonly string[] AddressParameters = ["client_id", "redirect_uri"];

    /// <param name="parameters">The request.</param>
    /// <param name="wasPushed">It came to the pushed authorization request endpoint, from the client itself.</param>
    /// <param name="caller">Where it came from.</param>
    public async Task<CheckedRequest> CheckAsync(Parameters parameters, bool wasPushed, IPAddress? caller)
    {
        // 1. Where may the answer go?
        if (AddressParameters.FirstOrDefault(parameters.Repeated.Contains) is { } twice)
        {
            return new CheckedRequest.Shown(OidcError.Request($"The parameter {twice} was sent more than once."), parameters["client_id"]);
        }

        var proven = await ProveAsync(parameters, caller);
        if (proven.Failed(out var shown, out var client))
        {
            return new CheckedRequest.Shown(shown, parameters["client_id"]);
        }

        var mode = parameters["response_mode"];
        var to = new ReturnAddress(client, parameters["redirect_uri"]!, parameters["state"], mode is ResponseModes.FormPost ? ResponseModes.FormPost : ResponseModes.Query);

        // 2. Is it a request that this server answers at all, and did it come the way it must?
        if (Unsupported(parameters, mode) is { } unsupported)
        {
            return new CheckedRequest.Redirected(unsupported, to);
        }

        if (!client.MayUse(GrantTypes.AuthorizationCode))
        {
            return new CheckedRequest.Redirected(new OidcError(OidcError.UnauthorizedClient, "This app may not use the authorization code grant."), to);
        }

        if (!wasPushed && (options.RequirePushedRequests || client.Has(ClientRule.RequirePushedRequests)))
        {
            return new CheckedRequest.Redirected(OidcError.Request("The request must be pushed first (RFC 9126)."), to);
        }

        // 3. What is it for?
        var target = await TargetAsync(client, parameters);
        if (target.Failed(out var refused, out var allowed))
        {
            return new CheckedRequest.Redirected(refused, to);
        }

        // 4. How is it protected, and what is to happen at the browser?
        var built = await BuildAsync(to, allowed, parameters);
        return built.Failed(out var wrong, out var request) ? new CheckedRequest.Redirected(wrong, to) : new CheckedRequest.Passed(request);
    }

    private async Task<Result<Client>> ProveAsync(Parameters parameters, IPAddress? caller)
    {
        // One answer for an unknown and for a disabled client: who asks shall not learn which ids exist.
        if ((await clients.FindAsync(parameters["client_id"] ?? "", caller)).Failed(out var unknown, out var client))
        {
            return unknown;
        }

        if (client.Kind is ClientKind.Service)
        {
            return ClientFinder.Unknown;
        }

        if (parameters["redirect_uri"] is not { } redirectUri)
        {
            return OidcError.Request("The request names no redirect_uri.");
        }

        return client.RedirectUris.Any(registered => RedirectUris.Matches(registered, redirectUri))
            ? client
            : OidcError.Request("The redirect_uri of the request is not registered for this app.", "redirect_uri matches none of the registered ones");
    }

    private static OidcError? Unsupported(Parameters parameters, string? mode)
    {
        if (parameters.Repeated.Count > 0)
        {
            return OidcError.Request("A parameter was sent more than once.");
        }

        if (parameters.HoldNul)
        {
            return OidcError.Request("A parameter holds a NUL character.");
        }

        if (parameters["request"] is not null)
        {
            return new OidcError(OidcError.RequestNotSupported, "Request objects are not supported.");
        }

        if (parameters["request_uri"] is not null)
        {
            return new OidcError(OidcError.RequestUriNotSupported, "request_uri is not supported.");
        }

        // OpenID Connect Core 7.2.1: it is for servers that people run for themselves.
        if (parameters["registration"] is not null)
        {
            return new OidcError(OidcError.RegistrationNotSupported, "The registration parameter is not supported.");
        }

        return parameters["response_type"] switch
        {
            null => OidcError.Request("response_type is missing."),
            "code" => mode is null or ResponseModes.Query or ResponseModes.FormPost ? null : OidcError.Request("This response_mode is not supported."),
            _ => new OidcError(OidcError.UnsupportedResponseType, "Only response_type code is supported."),
        };
    }

    private async Task<Result<Target>> TargetAsync(Client client, Parameters parameters)
    {
        var picture = await resources.PictureAsync();
        return Targets.ScopesFor(client, parameters["scope"], parameters.Resources, picture).Failed(out var error, out var scopes)
            ? error
            : Targets.Ask(client, scopes, parameters.Resources, picture);
    }

    private async Task<Result<AuthorizeRequest>> BuildAsync(ReturnAddress to, Target target, Parameters parameters)
    {
        if (PkceProblem(to.Client, parameters) is { } pkce)
        {
            return pkce;
        }

        if (parameters["dpop_jkt"] is { } jkt && !Pkce.IsLegalChallenge(jkt))
        {
            return OidcError.Request("dpop_jkt must be the SHA-256 thumbprint of a key, 43 characters of base64url.");
        }

        var prompts = (parameters["prompt"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        if (prompts.Any(prompt => !Prompts.All.Contains(prompt)) || (prompts.Contains(Prompts.None) && prompts.Count > 1))
        {
            return OidcError.Request("The prompt parameter has an unknown value, or none beside another.");
        }

        TimeSpan? maxAge = null;
        if (parameters["max_age"] is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return OidcError.Request("max_age must be a whole number of seconds.");
            }

            maxAge = TimeSpan.FromSeconds(seconds);
        }
        else if (to.Client.DefaultMaxAgeSeconds is { } registered)
        {
            maxAge = TimeSpan.FromSeconds(registered);
        }

        if (ClaimsRequest.Read(parameters["claims"]).Failed(out var unread, out var claims))
        {
            return unread;
        }

        IdTokenHint? hint = null;
        if (parameters["id_token_hint"] is { } hintText && ((hint = await tokens.ReadHintAsync(hintText)) is null || hint.ClientId != to.Client.ClientId))
        {
            return OidcError.Request("The id_token_hint is not an ID token that this server gave to this app.");
        }

        return new AuthorizeRequest(to, target)
        {
            Parameters = parameters,
            Nonce = parameters["nonce"],
            CodeChallenge = parameters["code_challenge"],
            DpopJkt = parameters["dpop_jkt"],
            Prompts = prompts,
            MaxAge = maxAge,
            Hint = hint,
            Claims = claims with { Named = NamedFor(to.Client, target, claims.Named) },
        };
    }

    /// <summary>A name is a narrower way to ask than its scope, so the client must be allowed the scope. Without openid there is no place to tell them.</summary>
    private static NamedClaims NamedFor(Client client, Target target, NamedClaims named) => target.Scopes.Contains(Scopes.OpenId)
        ? named.Where(name => ScopeClaims.ScopeOf(name) is { } scope && client.Scopes.Contains(scope))
        : NamedClaims.None;

    /// <summary>RFC 7636; a challenge without a method would mean plain, which is not accepted.</summary>
    private static OidcError? PkceProblem(Client client, Parameters parameters)
    {
        if (parameters["code_challenge"] is not { } challenge)
        {
            return client.IsPublic || !client.Has(ClientRule.WithoutPkce) || parameters["code_challenge_method"] is not null
                ? OidcError.Request("A code_challenge with the method S256 is required (PKCE).")
                : null;
        }

        if (parameters["code_challenge_method"] != Pkce.S256)
        {
            return OidcError.Request("code_challenge_method must be S256.");
        }

        return Pkce.IsLegalChallenge(challenge) ? null : OidcError.Request("The code_challenge must be 43 characters of base64url.");
    }
}
