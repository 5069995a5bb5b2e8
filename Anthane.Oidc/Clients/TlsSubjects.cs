namespace Anthane.Oidc.Clients;

/// <summary>By what in its certificate a client can be named, one for each client (RFC 8705 section 2.1.2).</summary>
public static class TlsSubjects
{
    /// <summary>The whole subject, as RFC 4514 writes it.</summary>
    public const string SubjectDn = "tls_client_auth_subject_dn";

    /// <summary>A DNS name among its alternative names.</summary>
    public const string SanDns = "tls_client_auth_san_dns";

    /// <summary>A URI among its alternative names.</summary>
    public const string SanUri = "tls_client_auth_san_uri";

    /// <summary>An e-mail address among its alternative names.</summary>
    public const string SanEmail = "tls_client_auth_san_email";

    /// <summary>Every one of them.</summary>
    public static readonly IReadOnlyList<string> All = [SubjectDn, SanDns, SanUri, SanEmail];
}
