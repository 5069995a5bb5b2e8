using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>Single use holds over nodes that share nothing but PostgreSQL and the master key.</summary>
public sealed class CodeOnSeveralNodesTests(PostgresServer postgres)
{
    [Fact]
    public async Task AZ_23_of_50_parallel_uses_of_a_code_over_3_nodes_at_most_one_succeeds()
    {
        using var directory = new TempDirectory();
        var options = new SsoServerOptions
        {
            Clock = new FakeClock(),
            DataDirectory = directory.Path,
            Settings = new Dictionary<string, string?> { ["Sso:ConnectionString"] = await postgres.CreateDatabaseAsync() },
        };
        await using var first = await SsoServer.StartAsync(options);
        await using var second = await SsoServer.StartAsync(options with { Issuer = first.Issuer });
        await using var third = await SsoServer.StartAsync(options with { Issuer = first.Issuer });
        OidcFlow[] nodes = [new(first, OidcApp.Notes), new(second, OidcApp.Notes), new(third, OidcApp.Notes)];
        for (var round = 0; round < Rounds.Of(200); round++)
        {
            var code = (await nodes[0].AnswerAsync()).Code;
            var uses = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => nodes[i % 3].RedeemAsync(code)));
            Assert.InRange(uses.Count(use => use.Status == HttpStatusCode.OK), 0, 1);
            Assert.All(uses.Where(use => use.Status != HttpStatusCode.OK), use => Assert.Equal("invalid_grant", use.Error));
        }
    }
}
