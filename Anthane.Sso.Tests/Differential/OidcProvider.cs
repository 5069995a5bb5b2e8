using System.Diagnostics;
using System.Text.Json;
using Anthane.Sso.Tests.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>The npm package oidc-provider, a certified server that is not ours, as a process of its own.</summary>
internal sealed class OidcProvider : IDisposable
{
    private readonly Process process;

    private OidcProvider(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <param name="parties">All clients. Only the third may leave out PKCE.</param>
    /// <param name="apis">Audiences and their scopes.</param>
    public static async Task<OidcProvider> StartAsync(IReadOnlyList<Party> parties, IReadOnlyDictionary<string, string[]> apis)
    {
        var address = $"http://localhost:{FreePorts.Take(1)[0]}";
        var settings = JsonSerializer.Serialize(new
        {
            issuer = address,
            clients = parties.Select(MetadataOf),
            apis = apis.Select(api => new { audience = api.Key, scopes = api.Value }),
            mayHave = parties.ToDictionary(party => party.App.ClientId, party => TwoServers.ScopesOf(party.App.RedirectUri.Length == 0).Split(' ')),
            withoutPkce = parties.Where(party => !party.App.Pkce).Select(party => party.App.ClientId),
        });
        var process = ClientScript.Start(["provider.mjs"], new Dictionary<string, string> { ["SETTINGS"] = settings });
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("{\"ready\"", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new OidcProvider(process, new Uri(address));
            }
        }

        throw new InvalidOperationException($"oidc-provider did not start: {await errors}");
    }

    /// <summary>Signs its one person in, as a browser would; the cookie header of that browser.</summary>
    public async Task<string> SignInAsync(Party party)
    {
        using var browser = new TestBrowser(Address);
        var next = "/connect/authorize?" + string.Join('&', new Draft(Way.Authorize, party).Fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
        for (var steps = 0; steps < 5 && !next.StartsWith(party.App.RedirectUri, StringComparison.Ordinal); steps++)
        {
            var answer = await browser.GetAsync(next);
            next = answer.Headers.Location?.OriginalString ?? throw new InvalidOperationException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }

        return string.Join("; ", browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private static Dictionary<string, object> MetadataOf(Party party)
    {
        var service = party.App.RedirectUri.Length == 0;
        var metadata = new Dictionary<string, object>
        {
            ["client_id"] = party.App.ClientId,
            ["token_endpoint_auth_method"] = party.Proof switch { Proof.Basic => "client_secret_basic", Proof.Post => "client_secret_post", _ => "none" },
            ["grant_types"] = service ? ["client_credentials"] : (string[])["authorization_code", "refresh_token"],
            ["response_types"] = service ? [] : (string[])["code"],
            ["redirect_uris"] = service ? [] : (string[])[party.App.RedirectUri],
        };
        if (!service)
        {
            metadata["scope"] = "openid profile email offline_access";
        }

        if (party.App.Secret is { } secret)
        {
            metadata["client_secret"] = secret;
        }

        return metadata;
    }
}
