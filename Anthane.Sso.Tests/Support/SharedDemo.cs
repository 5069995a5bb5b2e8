namespace Anthane.Sso.Tests.Support;

/// <summary>One running demo for all tests of a class: starting it costs more than any of them.</summary>
public sealed class SharedDemo : IAsyncLifetime
{
    internal RunningDemo Running { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Running = await RunningDemo.StartAsync();

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
