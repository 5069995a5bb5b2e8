namespace Anthane.Oidc.Sessions;

/// <summary>How long people stay signed in.</summary>
public sealed class SessionOptions
{
    /// <summary>A session ends when it was not used for this long. Default 8 hours. A remembered session has no idle end.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>A session ends after this long, used or not. Default 24 hours.</summary>
    public TimeSpan AbsoluteLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The same for those who asked to be remembered. Default 30 days.</summary>
    public TimeSpan RememberedLifetime { get; set; } = TimeSpan.FromDays(30);

    internal IEnumerable<string> Problems()
    {
        if (IdleLifetime < TimeSpan.FromMinutes(1) || AbsoluteLifetime < IdleLifetime || RememberedLifetime < AbsoluteLifetime)
        {
            yield return "Session lifetimes must rise: at least a minute idle, then absolute, then remembered.";
        }
    }
}
