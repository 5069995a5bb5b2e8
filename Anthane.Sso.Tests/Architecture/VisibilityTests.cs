namespace Anthane.Sso.Tests.Architecture;

public sealed class VisibilityTests
{
    /// <summary>What the engine shows its host. Everything else is internal.</summary>
    private static readonly string[] Public =
    [
        "AllowedApiScope",
        "AllowedApp",
        "Api",
        "ApiAdmin",
        "ApiScope",
        "AuditLog",
        "AuditRow",
        "BlockedDocumentHost",
        "BrowserSessions",
        "Client",
        "ClientAdmin",
        "ClientAuthMethod",
        "ClientAuthMethodDescription",
        "ClientCertificateOptions",
        "ClientChange",
        "ClientDocumentOptions",
        "ClientGrant",
        "ClientGrantDescription",
        "ClientKind",
        "ClientMetadata",
        "ClientProfile",
        "ClientRule",
        "ClientRuleDescription",
        "ClientSecret",
        "Consent",
        "ConsentAdmin",
        "DeliveryFailedException",
        "DeliveryFailure",
        "DeviceInteraction",
        "DeviceInteractions",
        "DocumentAdmin",
        "ExchangePolicy",
        "Housekeeping",
        "IOutboxDelivery",
        "ISubjectDirectory",
        "InitialAccess",
        "InitialAccessChange",
        "InitialAccessToken",
        "InstantConverter",
        "Interaction",
        "InteractionApi",
        "InteractionService",
        "KeyAdmin",
        "KeyLine",
        "KeyOptions",
        "KeyWrapping",
        "LogoutMessageState",
        "LogoutMessageStatus",
        "LogoutStatus",
        "MasterKey",
        "OidcConfigurationException",
        "OidcDb",
        "OidcEndpoints",
        "OidcModel",
        "OidcOptions",
        "OidcServices",
        "OidcShownError",
        "OidcStartup",
        "OutboxMessage",
        "OutboxPace",
        "OutboxWriter",
        "PagePaths",
        "PendingOptions",
        "RegistrationAdmin",
        "RowReading",
        "RuleProblem",
        "Scopes",
        "SessionAdmin",
        "SessionClient",
        "SessionOptions",
        "SignIn",
        "SignOutRequest",
        "SignOutService",
        "SigningAlgorithms",
        "SlowWork",
        "SsoSession",
        "StorageReader",
        "StorageWriter",
        "Subject",
        "Subscriber",
        "SupportId",
        "TlsSubjects",
        "TrustedIssuer",
        "WriteGate",
    ];

    [Fact]
    public void The_engine_shows_only_what_is_on_the_list()
    {
        var shown = typeof(Oidc.OidcOptions).Assembly.GetExportedTypes().Where(type => !type.IsNested).Select(type => type.Name).Order(StringComparer.Ordinal);
        Assert.Equal(Public.Order(StringComparer.Ordinal), shown);
    }

    [Fact]
    public void Internal_classes_are_sealed_static_or_abstract()
    {
        var open = typeof(Oidc.OidcOptions).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsPublic: false, IsNested: false, IsSealed: false, IsAbstract: false } && type.Namespace?.StartsWith("Anthane", StringComparison.Ordinal) == true)
            .Select(type => type.Name);
        Assert.Empty(open);
    }
}
