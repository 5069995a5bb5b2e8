namespace Anthane.Gateway.Routing;

/// <summary>What a placeholder of the upstream template stood for: a piece of the decoded path, or of the query as it was sent.</summary>
internal readonly record struct Capture(int Start, int Length, bool FromQuery)
{
    public ReadOnlySpan<char> In(string path, string query) => (FromQuery ? query : path).AsSpan(Start, Length);
}
