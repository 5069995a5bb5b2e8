using System.Reflection;
using System.Text.RegularExpressions;

namespace Anthane.Sso.Tests.Architecture;

public sealed class ProjectReferenceTests
{
    [Fact]
    public void The_gateway_references_no_Anthane_project()
    {
        Assert.DoesNotContain(References(typeof(Anthane.Gateway.GatewayHost).Assembly), name => name.StartsWith("Anthane.", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_proxying_folder_of_the_gateway_names_YARP()
    {
        var files = SourceTree.Of("Anthane.Gateway").Where(file => file.Text.Contains("Yarp.", StringComparison.Ordinal)).Select(file => file.Path).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, path => Assert.StartsWith("Proxying/", path, StringComparison.Ordinal));
    }

    [Fact]
    public void The_engine_references_no_Identity_no_Razor_no_database_provider_and_no_other_Anthane_project()
    {
        string[] banned = ["Microsoft.AspNetCore.Identity", "Microsoft.AspNetCore.Mvc", "Microsoft.AspNetCore.Razor", "Microsoft.Data.Sqlite", "Microsoft.EntityFrameworkCore.Sqlite", "Npgsql", "Anthane."];
        var found = References(typeof(Oidc.OidcOptions).Assembly).Where(name => banned.Any(start => name.StartsWith(start, StringComparison.Ordinal)));
        Assert.Empty(found);
    }

    [Fact]
    public void Pages_never_name_the_database_the_token_issuer_the_keys_or_a_grant_handler()
    {
        var forbidden = new Regex(@"\b(SsoDb|SqliteSsoDb|PostgresSsoDb|TokenIssuer|KeyRing|\w+GrantHandler)\b");
        var pages = SourceTree.Of("Anthane.Sso").Where(file => file.Path.StartsWith("Pages/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.False(forbidden.IsMatch(page.Text), page.Path));
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
