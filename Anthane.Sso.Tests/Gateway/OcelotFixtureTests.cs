using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>
/// What an ocelot.json means, as data: each file in Fixtures holds configurations and requests, and for each request what the services saw and
/// what the caller got. The names are those of Ocelot's own acceptance tests or issues, where the behaviour is theirs.
/// </summary>
public sealed class OcelotFixtureTests(OcelotFixtures fixtures) : IClassFixture<OcelotFixtures>
{
    public static TheoryData<string, string, string> Cases => [.. OcelotFixtures.All.Select(found => (found.File, found.Group, found.Name))];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_service_sees_and_a_caller_gets_what_the_file_says(string file, string group, string name) => fixtures.RunAsync(file, group, name);

    [Fact]
    public void There_are_at_least_120_cases_and_no_two_of_a_group_have_one_name()
    {
        Assert.True(OcelotFixtures.All.Count >= 120, $"{OcelotFixtures.All.Count} cases");
        Assert.Equal(OcelotFixtures.All.Count, OcelotFixtures.All.Distinct().Count());
    }
}
