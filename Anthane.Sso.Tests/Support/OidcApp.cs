using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;

namespace Anthane.Sso.Tests.Support;

/// <summary>A relying party of the tests: what it knows of its registration.</summary>
/// <param name="ClientId">Its client_id.</param>
/// <param name="Secret">Null for a public client.</param>
/// <param name="RedirectUri">Nothing listens there: a test reads the redirect.</param>
/// <param name="Pkce">Whether it sends a code challenge.</param>
/// <param name="PostSecret">client_secret_post instead of client_secret_basic.</param>
public sealed record OidcApp(string ClientId, string? Secret, string RedirectUri, bool Pkce = true, bool PostSecret = false)
{
    /// <summary>Scope of a request that does not say otherwise.</summary>
    public string Scope { get; init; } = "openid";

    /// <summary>How answers are to come to it; null when it does not say, and a redirect is right.</summary>
    public string? ResponseMode { get; init; }

    /// <summary>Signs its assertions; null for an app that proves itself otherwise, or not at all.</summary>
    public SigningClient? Signer { get; init; }

    /// <summary>The demo's first-party browser app.</summary>
    public static OidcApp Notes { get; } = new("notes", null, "http://localhost:8601/callback");

    /// <summary>The demo's other one.</summary>
    public static OidcApp Photos { get; } = new("photos", null, "http://localhost:8602/callback");

    /// <summary>
    /// Registers a third-party web app with a secret, as the conformance suite has: no PKCE, consent asked, every identity
    /// scope and offline_access.
    /// </summary>
    /// <param name="server">Where.</param>
    /// <param name="change">What differs. An empty ClientId becomes a random one.</param>
    public static async Task<OidcApp> RegisterAsync(SsoServer server, Action<Client>? change = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        var client = new Client
        {
            ClientId = "",
            Name = "Conformance",
            Kind = ClientKind.Web,
            RedirectUris = ["https://app.example/callback"],
            PostLogoutRedirectUris = ["https://app.example/signed-out"],
            Scopes = ["openid", "profile", "email", "address", "phone", "offline_access"],
            Rules = [ClientRule.WithoutPkce],
        };
        change?.Invoke(client);
        if (client.IsPublic)
        {
            client.Rules.Remove(ClientRule.WithoutPkce);
        }

        var made = await server.Get<ClientAdmin>().CreateAsync(client, "test");
        Assert.True(made.Saved, string.Join('\n', made.Problems));
        return new OidcApp(made.ClientId, made.Secret, client.RedirectUris.FirstOrDefault() ?? "", Pkce: !client.Has(ClientRule.WithoutPkce));
    }
}

/// <summary>Somebody who can sign in: the people of the demo's seed.</summary>
/// <param name="UserName">The e-mail address.</param>
/// <param name="Password">The password.</param>
public sealed record Person(string UserName, string Password)
{
    /// <summary>Has every standard claim.</summary>
    public static Person Alice { get; } = new("alice@anthane.test", "wonderland-tea-at-four");

    /// <summary>Has a name.</summary>
    public static Person Bob { get; } = new("bob@anthane.test", "builder-of-many-bridges");

    /// <summary>Is an admin.</summary>
    public static Person Admin { get; } = new("admin@anthane.test", "keeper-of-all-the-keys");
}
