namespace Anthane.Oidc.Revocations;

/// <summary>Something that ended before its time. Append-only; <see cref="Seq"/> follows the order of commits.</summary>
internal sealed class Revocation
{
    public long Seq { get; set; }

    /// <summary>One of <c>sid</c>, <c>gid</c>, <c>jti</c>, <c>client</c>, <c>kid</c>.</summary>
    public required string Kind { get; set; }

    public required string Value { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>When every token it could concern has expired by itself.</summary>
    public DateTimeOffset ForgetAfter { get; set; }
}
