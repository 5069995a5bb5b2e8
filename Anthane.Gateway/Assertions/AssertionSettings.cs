using System.Security.Cryptography;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Assertions;

/// <summary>What <c>Gateway:Assertion</c> says, checked: when the gateway vouches for callers, under which name and by which key.</summary>
internal sealed record AssertionSettings
{
    /// <summary>auto (to services on other machines), on, off or strict; a route's own word wins.</summary>
    public string Mode { get; init; } = "auto";

    /// <summary>The <c>iss</c>; null takes the gateway's public address.</summary>
    public string? Issuer { get; init; }

    /// <summary>Given keys: the first signs, all are published. Empty makes the gateway keep its own.</summary>
    public IReadOnlyList<AssertionKey> GivenKeys { get; init; } = [];

    /// <summary>Where the gateway's own keys are kept, for all gateways that share the folder. Null keeps one in memory.</summary>
    public string? KeyDirectory { get; init; }

    /// <summary>Age at which the gateway's own key is followed by a new one.</summary>
    public TimeSpan RotateAfter { get; init; } = TimeSpan.FromDays(90);

    public static AssertionSettings Read(SettingsReader? reader, string? dataDirectory)
    {
        var own = dataDirectory is null ? null : Path.Combine(dataDirectory, "assertion-keys");
        if (reader is null)
            return new AssertionSettings { KeyDirectory = own };
        var mode = (reader.Text("Mode") ?? "auto").ToLowerInvariant();
        if (mode is not ("auto" or "on" or "off" or "strict"))
            reader.Error("Mode", $"'{mode}' must be auto, on, off or strict");
        var settings = new AssertionSettings
        {
            Mode = mode,
            Issuer = reader.Text("Issuer"),
            GivenKeys = ReadKeys(reader),
            KeyDirectory = reader.Text("KeyDirectory") ?? own,
            RotateAfter = TimeSpan.FromDays(reader.Number("RotateAfterDays", 1, 3650) ?? 90),
        };
        reader.ReportUnknown();
        return settings;
    }

    private static List<AssertionKey> ReadKeys(SettingsReader reader)
    {
        var keys = new List<AssertionKey>();
        if (reader.Text("Key") is { } pem)
            Add("Key", pem);
        foreach (var file in reader.Texts("KeyFiles") ?? [])
        {
            try
            {
                Add("KeyFiles", File.ReadAllText(file));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                reader.Error("KeyFiles", $"'{file}' cannot be read: {unreadable.Message}");
            }
        }

        return keys;

        // The message of a cryptographic error says nothing about the key, and neither do we.
        void Add(string name, string text)
        {
            try
            {
                keys.Add(AssertionKey.FromPem(text));
            }
            catch (Exception unusable) when (unusable is CryptographicException or ArgumentException)
            {
                reader.Error(name, "must be a private key in PEM (PKCS#8 or SEC1) on the curve P-256");
            }
        }
    }
}
