namespace Anthane.Demo.Reports;

/// <summary>What Reports was told when it was registered. Addresses have no slash at the end.</summary>
internal sealed record ReportsOptions
{
    public string ClientId { get; init; } = "reports";

    public string ClientSecret { get; init; } = "reports-development-secret-0001";

    public required string Authority { get; init; }

    public required string Gateway { get; init; }

    /// <summary>Its own address, as the browser knows it.</summary>
    public required string Address { get; init; }

    /// <summary>Another app, for a link to it.</summary>
    public required string Notes { get; init; }

    public string RedirectUri => Address + "/callback";

    public string PostLogoutRedirectUri => Address + "/";

    public static ReportsOptions At(DemoAddresses at) => new() { Authority = at.Sso, Gateway = at.Gateway, Address = at.Reports, Notes = at.Notes };
}
