namespace Anthane.Gateway.Hosting;

/// <summary>What is wrong with the configuration on disk while an older one holds; null when it is the one in force.</summary>
internal sealed class ConfigurationStatus
{
    private volatile string? trouble;

    public string? Trouble
    {
        get => trouble;
        set => trouble = value;
    }
}
