namespace Anthane.Sso.Tests.Architecture;

public sealed class ProjectReferenceTests
{
    [Fact]
    public void The_gateway_references_no_Anthane_project()
    {
        var names = typeof(Anthane.Gateway.GatewayHost).Assembly.GetReferencedAssemblies().Select(name => name.Name!);
        Assert.DoesNotContain(names, name => name.StartsWith("Anthane.", StringComparison.Ordinal));
    }
}
