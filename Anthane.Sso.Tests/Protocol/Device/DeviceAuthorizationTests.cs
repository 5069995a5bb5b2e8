using System.Net;
using System.Text.RegularExpressions;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Device;

/// <summary>RFC 8628 sections 3.1, 3.2 and 6.1: a device asks for its codes.</summary>
public sealed class DeviceAuthorizationTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task A_device_gets_two_codes_and_an_address_and_only_their_hashes_are_kept()
    {
        var flow = new OidcFlow(server, await DeviceRun.TelevisionAsync(server));
        var (asked, other) = (await flow.AskAsync(), await flow.AskAsync());
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        Assert.True(asked.Response.Headers.CacheControl is { NoStore: true });
        Assert.True(Base64UrlEncoder.DecodeBytes(asked.Text("device_code")).Length >= 16);
        Assert.Matches(new Regex("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$"), asked.Text("user_code"));
        Assert.NotEqual(asked.Text("device_code"), other.Text("device_code"));
        Assert.NotEqual(asked.Text("user_code"), other.Text("user_code"));
        Assert.Equal(server.Issuer + "/device", asked.Text("verification_uri"));
        Assert.Equal($"{server.Issuer}/device?user_code={asked.Text("user_code")}", asked.Text("verification_uri_complete"));
        Assert.Equal((600, 5), (asked.Body.GetProperty("expires_in").GetInt32(), asked.Body.GetProperty("interval").GetInt32()));

        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var kept = string.Join('\n', (await db.Set<DeviceCode>().ToListAsync(TestContext.Current.CancellationToken)).Select(row => $"{row.Hash} {row.UserCodeHash}"));
        foreach (var secret in new[] { asked.Text("device_code"), asked.Text("user_code"), asked.Text("user_code").Replace("-", "", StringComparison.Ordinal) })
        {
            Assert.DoesNotContain(secret, kept, StringComparison.Ordinal);
            Assert.DoesNotContain(server.Logs, line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_client_with_a_secret_must_show_it_by_either_method()
    {
        var app = await OidcApp.RegisterAsync(server, client => client.GrantTypes.Add(ClientGrant.DeviceCode));
        Assert.Equal(HttpStatusCode.OK, (await new OidcFlow(server, app).AskAsync(("scope", "openid"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await new OidcFlow(server, app with { PostSecret = true }).AskAsync(("scope", "openid"))).Status);
        Assert.Equal("invalid_client", (await new OidcFlow(server, app with { Secret = "wrong" }).AskAsync(("scope", "openid"))).Error);
        Assert.Equal("invalid_client", (await new OidcFlow(server, app with { Secret = null }).AskAsync(("scope", "openid"))).Error);
        Assert.Equal("invalid_client", (await new OidcFlow(server, new OidcApp("nobody", null, "")).AskAsync()).Error);
    }

    [Fact]
    public async Task Only_clients_that_may_use_the_grant_get_codes()
    {
        foreach (var app in new[] { OidcApp.Notes, await OidcApp.RegisterAsync(server) })
        {
            var refused = await new OidcFlow(server, app).AskAsync(("scope", "openid"));
            Assert.Equal((HttpStatusCode.BadRequest, "unauthorized_client"), (refused.Status, refused.Error));
        }

        foreach (var kind in Enum.GetValues<ClientKind>())
        {
            Assert.Equal(kind is ClientKind.Native or ClientKind.Web, ClientGrant.PossibleFor(kind).Contains(ClientGrant.DeviceCode));
            Assert.DoesNotContain(ClientGrant.DeviceCode, ClientGrant.DefaultsOf(kind));
        }
    }

    [Theory]
    [InlineData("invalid_scope", "scope", "openid email")]
    [InlineData("invalid_scope", "scope", "openid unknown")]
    [InlineData("invalid_scope", "scope", "open\"id")]
    [InlineData("invalid_target", "resource", "https://elsewhere.test")]
    public async Task Scope_and_resource_are_checked_as_at_authorize(string error, string name, string value)
    {
        var flow = new OidcFlow(server, await DeviceRun.TelevisionAsync(server));
        Assert.Equal(error, (await flow.AskAsync((name, value))).Error);
        Assert.Equal(HttpStatusCode.OK, (await flow.AskAsync(("resource", "https://orders.anthane.test"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await flow.AskAsync(("scope", null))).Status);
    }

    [Fact]
    public async Task Parameters_in_the_address_or_twice_are_refused_and_so_is_GET()
    {
        var app = await DeviceRun.TelevisionAsync(server);
        Assert.Equal("invalid_request", (await server.PostFormAsync("/connect/device?x=1", ("client_id", app.ClientId))).Error);
        Assert.Equal("invalid_request", (await server.PostFormAsync("/connect/device", ("client_id", app.ClientId), ("scope", "openid"), ("scope", "openid"))).Error);
        Assert.Equal("invalid_request", (await server.PostFormAsync("/connect/device", ("scope", "openid"))).Error);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.GetAsync("/connect/device?client_id=" + app.ClientId)).StatusCode);
    }

    [Fact]
    public async Task Strangers_cannot_fill_the_table_in_the_name_of_a_public_client()
    {
        await using var strict = await SsoServer.StartAsync(new SsoServerOptions { Settings = new Dictionary<string, string?> { ["Sso:Limits:SignInsPerMinute"] = "10", ["Sso:Limits:ExemptLoopback"] = "false" } });
        var flow = new OidcFlow(strict, await DeviceRun.TelevisionAsync(strict));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await flow.AskAsync()).Status);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await flow.AskAsync()).Status);
        strict.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await flow.AskAsync()).Status);
    }

    [Theory]
    [InlineData("BCDF-GHJK")]
    [InlineData("bcdfghjk")]
    [InlineData(" bcdf ghjk ")]
    [InlineData("BCDF\u2013GHJK")]
    [InlineData("b-c-d-f.g_h/jk")]
    public void A_typed_code_is_read_whatever_stands_between_its_letters(string typed) => Assert.Equal("BCDFGHJK", UserCodes.Read(typed));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("BCDFGHJ")]
    [InlineData("BCDFGHJKL")]
    [InlineData("BCDFGHJA")]
    [InlineData("BCDFGHJ1")]
    [InlineData("BCDFGHJ\u0301K")]
    [InlineData("<BCDFGHJK>")]
    public void What_cannot_be_a_code_is_none(string? typed) => Assert.Null(UserCodes.Read(typed));
}
