namespace Anthane.Gateway.Routing;

/// <summary>HttpHandlerOptions of a route, and DangerousAcceptAnyServerCertificateValidator: how its service is called.</summary>
internal sealed record HandlerOptions
{
    public static readonly HandlerOptions Default = new();

    /// <summary>Follows redirects of the service instead of handing them to the client. Only between requests without a body of their own.</summary>
    public bool AllowAutoRedirect { get; init; }

    public int MaxConnectionsPerServer { get; init; } = int.MaxValue;

    /// <summary>When a connection is given up, so that a changed address of the service is seen. Default 120 s.</summary>
    public TimeSpan PooledConnectionLifetime { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Calls the service through the system's proxy (HTTP_PROXY and the like).</summary>
    public bool UseProxy { get; init; }

    /// <summary>Takes any certificate of an https service, also a forged one.</summary>
    public bool AcceptAnyServerCertificate { get; init; }
}
