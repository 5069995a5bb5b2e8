namespace Anthane.Demo.Apps;

/// <summary>What makes one browser app differ from the other. Addresses have no slash at the end.</summary>
internal sealed record BrowserAppOptions
{
    public required string ClientId { get; init; }

    public required string Authority { get; init; }

    public required string Gateway { get; init; }

    /// <summary>The name of the other app, for a link to it.</summary>
    public required string OtherName { get; init; }

    public required string OtherAddress { get; init; }

    public static BrowserAppOptions Notes(DemoAddresses at) =>
        new() { ClientId = "notes", Authority = at.Sso, Gateway = at.Gateway, OtherName = "Photos", OtherAddress = at.Photos };

    public static BrowserAppOptions Photos(DemoAddresses at) =>
        new() { ClientId = "photos", Authority = at.Sso, Gateway = at.Gateway, OtherName = "Notes", OtherAddress = at.Notes };
}
