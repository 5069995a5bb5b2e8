using Anthane.Oidc.Clients;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>The name by which a certificate names a client, as it is registered.</summary>
public sealed class TlsSubjectRuleTests
{
    [Theory]
    [InlineData("CN=payments,O=Example Ltd,C=GB")]
    [InlineData(" cn = payments , OU=a=b ")]
    [InlineData(@"CN=a\,b\+c\=d\\e\C3\BC,2.5.4.97=PSDGB-FCA-123")]
    [InlineData("UID=x,DC=example,DC=com")]
    [InlineData("CN=Bücher \U0001F4DA")]
    public void A_subject_that_RFC_4514_writes_can_be_registered(string name) => Assert.Empty(Fields(TlsSubjects.SubjectDn, name));

    [Theory]
    [InlineData("payments")]
    [InlineData("CN=")]
    [InlineData("CN=a,")]
    [InlineData(",CN=a")]
    [InlineData("CN=a+OU=b")]
    [InlineData("CN=#0401")]
    [InlineData("CN=\"a\"")]
    [InlineData("UNKNOWN=a")]
    [InlineData("CN=a\\")]
    [InlineData("CN=a\\x")]
    [InlineData("CN=a\nb")]
    [InlineData("")]
    public void Any_other_cannot(string name) => Assert.Equal([nameof(Client.TlsSubject)], Fields(TlsSubjects.SubjectDn, name));

    [Fact]
    public void A_written_name_is_read_part_by_part() => Assert.Equal(
        [new NamePart("2.5.4.3", "a,b ü "), new NamePart("2.5.4.10", "c d")],
        DistinguishedNames.Parse(@"CN= a\,b \C3\BC\ ,O=c d "));

    [Fact]
    public void The_method_needs_one_name_of_one_kind()
    {
        Assert.Equal([nameof(Client.TlsSubject)], Fields(null, null));
        Assert.Equal([nameof(Client.TlsSubject)], Fields(TlsSubjects.SanDns, null));
        Assert.Equal([nameof(Client.TlsSubject)], Fields(null, "a.example"));
        Assert.Equal([nameof(Client.TlsSubjectType)], Fields("tls_client_auth_san_ip", "127.0.0.1"));
        Assert.Equal([nameof(Client.TlsSubject)], Fields(TlsSubjects.SanDns, new string('a', 501)));
        Assert.Empty(Fields(TlsSubjects.SanDns, "a.example"));
    }

    [Fact]
    public void Tokens_are_bound_to_a_key_or_to_a_certificate()
    {
        var client = Of(TlsSubjects.SanDns, "a.example");
        client.Rules = [ClientRule.CertificateBoundAccessTokens, ClientRule.DpopBoundAccessTokens];
        Assert.Equal([nameof(Client.Rules)], ClientRules.Check(client, new HashSet<string>()).Select(problem => problem.Field));
    }

    private static IEnumerable<string> Fields(string? type, string? name) => ClientRules.Check(Of(type, name), new HashSet<string>()).Select(problem => problem.Field);

    private static Client Of(string? type, string? name) => new()
    {
        ClientId = "certified",
        Name = "Certified",
        Kind = ClientKind.Web,
        RedirectUris = ["https://app.example/cb"],
        TokenEndpointAuthMethod = ClientAuthMethod.TlsClientAuth,
        TlsSubjectType = type,
        TlsSubject = name,
    };
}
