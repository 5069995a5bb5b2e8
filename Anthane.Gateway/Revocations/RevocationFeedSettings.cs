using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Revocations;

/// <summary>Where an issuer tells what ended before its time, and as whom to ask. No record: its text must not hold the secret.</summary>
internal sealed class RevocationFeedSettings
{
    public required Uri Address { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    /// <summary>Without a word for so long the gateway is blind: it may have missed something.</summary>
    public TimeSpan BlindAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Answers 503 while blind; otherwise tokens are taken by their signature and end alone, as without a feed.</summary>
    public bool RefuseWhenBlind { get; init; }

    public static RevocationFeedSettings? Read(SettingsReader? reader, string? authority, Func<SettingsReader, string, Uri?> readAddress)
    {
        if (reader is null)
            return null;
        var given = readAddress(reader, "Address");
        var address = given ?? (authority is null || reader.Has("Address") ? null : new Uri(authority.TrimEnd('/') + "/connect/revocations"));
        var clientId = reader.Text("ClientId");
        var secret = reader.Text("ClientSecret");
        if (clientId is null)
            reader.Error("ClientId", "is missing: the gateway's own client at the issuer, which may read the feed");
        if (secret is null)
            reader.Error("ClientSecret", "is missing");
        var whenBlind = (reader.Text("WhenBlind") ?? "continue").ToLowerInvariant();
        if (whenBlind is not ("continue" or "refuse"))
            reader.Error("WhenBlind", $"'{whenBlind}' must be continue or refuse");
        var blindAfter = reader.Number("BlindAfterSeconds", 20, 86_400) ?? 60;
        reader.ReportUnknown();
        return address is null || clientId is null || secret is null ? null : new RevocationFeedSettings
        {
            Address = address,
            ClientId = clientId,
            ClientSecret = secret,
            BlindAfter = TimeSpan.FromSeconds(blindAfter),
            RefuseWhenBlind = whenBlind == "refuse",
        };
    }
}
