namespace Anthane.Sso.Tests.Support;

/// <summary>One usual server for a class of tests that leave it as it was.</summary>
public sealed class SsoFixture : IAsyncLifetime
{
    public SsoServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await SsoServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
