using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Anthane.Demo.Reports;

/// <summary>What the sign-in service says of itself, keys included (OpenID Connect Discovery 1.0).</summary>
internal sealed class Discovery(ReportsOptions options, HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    // Anybody can post a token that names an unknown key; each must not cost the sign-in service two answers.
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly HttpDocumentRetriever documents = new(http) { RequireHttps = options.Authority.StartsWith("https:", StringComparison.Ordinal) };
    private Known? known;

    /// <exception cref="ReportsException">It cannot be reached, or calls itself otherwise.</exception>
    public Task<OpenIdConnectConfiguration> GetAsync(CancellationToken cancellation) => GetAsync(KeptFor, cancellation);

    /// <summary>For a token whose key is not known: the service may have got a new one a moment ago.</summary>
    public Task<OpenIdConnectConfiguration> GetAnewAsync(CancellationToken cancellation) => GetAsync(AtMostEvery, cancellation);

    private async Task<OpenIdConnectConfiguration> GetAsync(TimeSpan oldest, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (known is null || clock.GetUtcNow() - known.At >= oldest)
            {
                known = new Known(await FetchAsync(cancellation), clock.GetUtcNow());
            }

            return known.Configuration;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<OpenIdConnectConfiguration> FetchAsync(CancellationToken cancellation)
    {
        OpenIdConnectConfiguration found;
        try
        {
            found = await OpenIdConnectConfigurationRetriever.GetAsync(options.Authority + "/.well-known/openid-configuration", documents, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            throw new ReportsException("The sign-in service cannot be reached. Try again in a moment.", passes: true, e);
        }

        // Section 4.3: the document of another issuer must not be used.
        return found.Issuer == options.Authority ? found : throw new ReportsException("The sign-in service answered under another name.");
    }

    private sealed record Known(OpenIdConnectConfiguration Configuration, DateTimeOffset At);
}
