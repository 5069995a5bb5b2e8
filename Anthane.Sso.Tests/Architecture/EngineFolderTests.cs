using System.Text.RegularExpressions;

namespace Anthane.Sso.Tests.Architecture;

/// <summary>Which folder of the engine may use which. Widening an edge is a visible change of this table.</summary>
public sealed class EngineFolderTests
{
    private static readonly string[] Root = ["OidcModel.cs", "OidcServices.cs", "OidcEndpoints.cs", "OidcOptions.cs"];

    private static readonly Dictionary<string, string[]> May = new()
    {
        ["Protocol"] = [],
        ["Data"] = ["Protocol"],
        ["Keys"] = ["Protocol", "Data"],
        ["Audit"] = ["Protocol", "Data"],
        ["Outbox"] = ["Protocol", "Data"],
        ["Outbound"] = [],
        ["Logout"] = ["Protocol", "Data", "Keys", "Clients", "Subjects", "Outbox", "Outbound"],
        ["Revocations"] = ["Protocol", "Data", "Logout"],
        ["Proofs"] = ["Protocol", "Data", "Keys"],
        ["Clients"] = ["Protocol", "Data", "Keys", "Proofs", "Outbound"],
        ["TrustedIssuers"] = ["Protocol", "Keys", "Clients", "Proofs", "Outbound"],
        ["Resources"] = ["Protocol", "Data", "Keys"],
        ["Subjects"] = ["Clients"],
        ["Sessions"] = ["Protocol", "Data", "Keys", "Revocations", "Outbox"],
        ["Consents"] = ["Protocol", "Data"],
        ["Grants"] = ["Protocol", "Data", "Keys", "Clients", "Resources", "Sessions", "Revocations", "Audit", "Outbox"],
        ["Interactions"] = ["Protocol", "Data", "Keys", "Clients", "Resources", "Sessions"],
        ["Tokens"] = ["Protocol", "Keys", "Clients", "Resources", "Grants", "Subjects"],
        ["AuthorizationRequests"] = ["Protocol", "Data", "Keys", "Clients", "Resources", "Grants", "Tokens", "Interactions"],
        ["Devices"] = ["Protocol", "Data", "Clients", "Resources", "Sessions", "Consents", "Grants", "Interactions"],
        ["Administration"] = ["Protocol", "Data", "Keys", "Clients", "Resources", "Sessions", "Consents", "Grants", "Revocations", "Logout", "Outbox", "Audit"],
        ["Registration"] = ["Protocol", "Data", "Keys", "Clients", "Resources", "Audit", "Administration"],
        ["ClientDocuments"] = ["Protocol", "Data", "Clients", "Resources", "Outbound", "Registration", "Revocations", "Audit"],
        ["Endpoints"] = ["ClientDocuments", "Registration", "Protocol", "Data", "Keys", "Proofs", "Clients", "Resources", "Subjects", "Sessions", "Consents", "Grants", "Interactions", "AuthorizationRequests", "Tokens", "TrustedIssuers", "Revocations"],
    };

    [Fact]
    public void Folders_use_only_what_the_table_allows()
    {
        var wrong = new List<string>();
        foreach (var (path, text) in Engine().Where(file => file.Path.Contains('/', StringComparison.Ordinal)))
        {
            var folder = path.Split('/')[0];
            Assert.True(May.ContainsKey(folder), $"The folder {folder} is not in the table.");
            wrong.AddRange(Used(text).Where(used => used != folder && !May[folder].Contains(used)).Select(used => $"{path} uses {used}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_table_has_no_circle()
    {
        var settled = new HashSet<string>();
        while (May.Keys.Except(settled).FirstOrDefault(folder => May[folder].All(settled.Contains)) is { } next)
        {
            settled.Add(next);
        }

        Assert.Empty(May.Keys.Except(settled));
    }

    [Fact]
    public void No_endpoint_names_another()
    {
        foreach (var (path, text) in Engine().Where(file => file.Path.StartsWith("Endpoints/", StringComparison.Ordinal) && file.Path.Count(c => c == '/') == 2))
        {
            var own = path.Split('/')[1];
            var others = Regex.Matches(text, @"Anthane\.Oidc\.Endpoints\.(\w+)").Select(match => match.Groups[1].Value).Where(name => name != own);
            Assert.Empty(others);
        }
    }

    [Fact]
    public void HttpContext_appears_only_at_the_edge()
    {
        string[] edge = ["Endpoint.cs", "Endpoints.cs", "Response.cs", "Reader.cs", "Authenticator.cs", "Answers.cs", "EndpointGuard.cs", "BrowserOrigins.cs", "SupportId.cs", "BrowserSessions.cs", "BrowserCookies.cs", "InteractionService.cs", "DeviceInteractions.cs", "SignOutService.cs", "PendingStore.cs"];
        var files = Engine().Where(file => file.Text.Contains("HttpContext", StringComparison.Ordinal)).Select(file => file.Path).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, path => Assert.True(edge.Any(end => path.EndsWith(end, StringComparison.Ordinal)), path));
    }

    [Fact]
    public void Only_root_files_lie_beside_the_folders()
    {
        Assert.All(Engine().Where(file => !file.Path.Contains('/', StringComparison.Ordinal)), file => Assert.Contains(file.Path, Root));
    }

    private static IEnumerable<(string Path, string Text)> Engine() => SourceTree.Of("Anthane.Oidc");

    private static IEnumerable<string> Used(string text) =>
        Regex.Matches(text, @"Anthane\.Oidc\.(\w+)\s*[;.]").Select(match => match.Groups[1].Value).Where(May.ContainsKey).Distinct();
}
