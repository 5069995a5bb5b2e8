namespace Anthane.Gateway.Routing;

/// <summary>One entry of UpstreamHeaderTransform or DownstreamHeaderTransform: sets a header, or replaces a text in one that is there.</summary>
internal sealed class HeaderTransform
{
    /// <summary>Stands for the address of the service that answered, with a slash at its end; only as what is looked for in an answer.</summary>
    public const string ServiceAddress = "{DownstreamBaseUrl}";

    public required string Name { get; init; }

    /// <summary>As it stands in the file, without what a {Config:…} stands for.</summary>
    public required string Text { get; init; }

    /// <summary>The text that is replaced; null sets the header.</summary>
    public string? Find { get; init; }

    /// <summary>What is written; placeholders that do not depend on the request are filled in already.</summary>
    public required string Value { get; init; }

    /// <summary>Whether the value depends on the request.</summary>
    public required bool HasPlaceholders { get; init; }

    public bool FindsServiceAddress => Find == ServiceAddress;
}
