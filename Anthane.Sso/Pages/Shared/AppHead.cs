using Anthane.Oidc.Clients;

namespace Anthane.Sso.Pages.Shared;

/// <summary>What stands over a page that an app may have asked for.</summary>
/// <param name="Title">What to do here.</param>
/// <param name="App">The app that waits; null for the portal itself.</param>
/// <param name="Towards">The words before the app's name.</param>
/// <param name="Otherwise">The words when no app waits.</param>
public sealed record AppHead(string Title, Client? App, string Towards, string Otherwise);
