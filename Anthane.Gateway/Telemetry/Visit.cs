using System.Diagnostics;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Telemetry;

/// <summary>What is noted about one request while it is under way. Never its token, and of its address only the route's template.</summary>
internal sealed class Visit
{
    public Route? Route { get; set; }

    public AccessToken? Token { get; set; }

    public string? SupportId { get; set; }

    public Activity? Span { get; set; }

    public CountingStream? Body { get; set; }
}
