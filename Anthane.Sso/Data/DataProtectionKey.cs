namespace Anthane.Sso.Data;

/// <summary>One element of the data-protection ring, wrapped by the master key as a whole.</summary>
internal sealed class DataProtectionKey
{
    /// <summary>The element's friendly name; also the associated data of the wrapping.</summary>
    public required string Name { get; set; }

    public required byte[] Wrapped { get; set; }

    public required string MasterKeyId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
