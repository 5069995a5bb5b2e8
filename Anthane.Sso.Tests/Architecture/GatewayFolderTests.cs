using System.Runtime.CompilerServices;

namespace Anthane.Sso.Tests.Architecture;

public sealed class GatewayFolderTests
{
    [Fact]
    public void YARP_is_named_in_the_gateways_Proxying_folder_alone()
    {
        var named = Sources().Where(file => File.ReadAllText(file).Contains("Yarp.", StringComparison.Ordinal)).Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Distinct();
        Assert.Equal(["Proxying"], named);
    }

    [Fact]
    public void Routes_headers_and_tokens_know_nothing_of_how_a_request_travels() =>
        Assert.DoesNotContain(Sources().Where(file => Path.GetFileName(Path.GetDirectoryName(file)) is "Routing" or "Headers" or "Authentication" or "Limits"),
            file => File.ReadAllText(file).Contains("Anthane.Gateway.Proxying", StringComparison.Ordinal));

    [Fact]
    public void What_others_may_use_of_the_gateway_is_its_host_its_entry_and_its_refusal_to_start() =>
        Assert.Equal(["GatewayHost", "GatewaySettingsException", "Program"], typeof(Anthane.Gateway.GatewayHost).Assembly.GetExportedTypes().Select(type => type.Name).Order());

    private static IEnumerable<string> Sources([CallerFilePath] string here = "")
    {
        var project = Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Anthane.Gateway");
        return Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
    }
}
