namespace Anthane.Oidc.Audit;

/// <summary>Who changed what. Append-only, written in the transaction of the change, never with a secret or a hash in it.</summary>
public sealed class AuditRow
{
    /// <summary>Unique and rising.</summary>
    public long Seq { get; set; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>The subject id of who did it, or <c>system</c>.</summary>
    public required string Actor { get; set; }

    /// <summary>What was done, for example <c>client.update</c>.</summary>
    public required string Action { get; set; }

    /// <summary>What it was done to, for example a client id.</summary>
    public required string Target { get; set; }

    /// <summary>What changed, in plain words or JSON.</summary>
    public string Detail { get; set; } = "";
}
