namespace Anthane.Oidc.Sessions;

/// <summary>A person signed in at one browser. The browser holds only a secret; everything else is in this row.</summary>
public sealed class SsoSession
{
    /// <summary>The public, stable id (the <c>sid</c> claim).</summary>
    public required string Sid { get; set; }

    /// <summary>Hash of the cookie's secret, replaced at every authentication.</summary>
    public required string CookieHash { get; set; }

    /// <summary>Who is signed in.</summary>
    public required string SubjectId { get; set; }

    /// <summary>When the person last proved who they are.</summary>
    public DateTimeOffset AuthTime { get; set; }

    /// <summary>How (RFC 8176), space separated.</summary>
    public string Amr { get; set; } = "pwd";

    /// <summary>The authentication context class that was reached.</summary>
    public string Acr { get; set; } = "pwd";

    /// <summary>The person asked to be remembered: longer ends, and a cookie that outlives the browser.</summary>
    public bool Remembered { get; set; }

    /// <summary>When the session began.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was last used, exact to a minute.</summary>
    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>When it ends unless it is used before.</summary>
    public DateTimeOffset IdleEndsAt { get; set; }

    /// <summary>When it ends whatever happens.</summary>
    public DateTimeOffset AbsoluteEndsAt { get; set; }

    /// <summary>When it was ended before its time; null while it lives.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The browser as it named itself, cut to 200 characters.</summary>
    public string UserAgent { get; set; } = "";

    internal bool IsLive(DateTimeOffset now) => EndedAt is null && IdleEndsAt > now && AbsoluteEndsAt > now;
}

/// <summary>A client that got tokens in a session, so that sign-out can reach it.</summary>
public sealed class SessionClient
{
    /// <summary>The session.</summary>
    public required string Sid { get; set; }

    /// <summary>The client.</summary>
    public required string ClientId { get; set; }

    /// <summary>When the client first got tokens in it.</summary>
    public DateTimeOffset FirstUsedAt { get; set; }
}
