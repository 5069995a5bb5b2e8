namespace Anthane.Gateway.Hosting;

/// <summary>The settings or the ocelot.json are wrong. The message lists every mistake found, one a line.</summary>
public sealed class GatewaySettingsException : Exception
{
    /// <summary>Creates it from the mistakes found.</summary>
    public GatewaySettingsException(IReadOnlyList<string> mistakes)
        : base("The gateway did not start, because its settings are wrong:\n" + string.Join('\n', mistakes.Select(mistake => "  - " + mistake))) =>
        Mistakes = mistakes;

    /// <summary>One sentence per mistake, each beginning with the setting it is about.</summary>
    public IReadOnlyList<string> Mistakes { get; }
}
