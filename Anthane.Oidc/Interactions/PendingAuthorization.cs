namespace Anthane.Oidc.Interactions;

/// <summary>An authorization request that waits for its person. It is checked before it is stored, and bound to one browser.</summary>
internal sealed class PendingAuthorization
{
    /// <summary>Hash of the id that travels in the address.</summary>
    public required string IdHash { get; set; }

    /// <summary>Hash of the browser's own secret: another browser cannot use the id. Null until a browser has first shown it.</summary>
    public string? BrowserHash { get; set; }

    public required string ClientId { get; set; }

    /// <summary>The request's parameters as JSON, as they came and were checked.</summary>
    public required string Parameters { get; set; }

    /// <summary>The resource parameters as JSON.</summary>
    public required string Resources { get; set; }

    /// <summary>The scopes that the request comes down to, space separated.</summary>
    public required string Scopes { get; set; }

    public required string RedirectUri { get; set; }

    /// <summary>The pushed request (RFC 9126) that this one came from, by the hash that names its row; null when it was not pushed.</summary>
    public string? PushedHash { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>
    /// The cookie hash of the session that this browser had when it first showed the request, or empty. It changes with every
    /// authentication, so a session with another one was signed in for this request.
    /// </summary>
    public string SessionAtStart { get; set; } = "";

    /// <summary>The session in which the person chose to go on with this account (prompt=select_account).</summary>
    public string? AccountChosenSid { get; set; }

    /// <summary>The scopes approved, space separated; null until then.</summary>
    public string? ApprovedScopes { get; set; }

    /// <summary>Who approved: an approval does not carry over to the next person at this browser.</summary>
    public string? ApprovedBy { get; set; }

    public DateTimeOffset? DeniedAt { get; set; }

    public DateTimeOffset? CompletedAt { get; set; }
}

/// <summary>A sign-out that waits for the person's word.</summary>
internal sealed class PendingSignOut
{
    public required string IdHash { get; set; }

    public required string BrowserHash { get; set; }

    /// <summary>The client that asked; null when it did not say.</summary>
    public string? ClientId { get; set; }

    /// <summary>Where to go afterwards: registered for that client, or null.</summary>
    public string? ReturnUri { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
}
