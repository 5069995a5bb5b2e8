namespace Anthane.Demo;

/// <summary>The parts that the demo starts, in the order in which they start.</summary>
internal enum DemoPart
{
    Orders,
    Sso,
    Gateway,
    Notes,
    Photos,
    Reports,
}

/// <summary>The address of each part, as a browser or a client writes it: scheme, host and port, no slash at the end.</summary>
internal sealed record DemoAddresses
{
    /// <summary>The addresses that the README promises.</summary>
    public static DemoAddresses Promised { get; } = new();

    public string Sso { get; init; } = "http://localhost:8400";

    public string Gateway { get; init; } = "http://localhost:8500";

    public string Notes { get; init; } = "http://localhost:8601";

    public string Photos { get; init; } = "http://localhost:8602";

    public string Reports { get; init; } = "http://localhost:8603";

    public string Orders { get; init; } = "http://127.0.0.1:8701";

    public string Of(DemoPart part) => part switch
    {
        DemoPart.Sso => Sso,
        DemoPart.Gateway => Gateway,
        DemoPart.Notes => Notes,
        DemoPart.Photos => Photos,
        DemoPart.Reports => Reports,
        DemoPart.Orders => Orders,
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };
}

/// <summary>How to compose the demo. Tests run it on other ports, behind TLS and on other names.</summary>
internal sealed record DemoOptions
{
    /// <summary>An absolute path, made by <see cref="Demo.DataDirectory"/>.</summary>
    public required string DataDirectory { get; init; }

    public DemoAddresses Addresses { get; init; } = DemoAddresses.Promised;

    /// <summary>Whether the worker runs.</summary>
    public bool Worker { get; init; } = true;

    /// <summary>Has the last word on each host.</summary>
    public Action<DemoPart, WebApplicationBuilder>? Configure { get; init; }
}
