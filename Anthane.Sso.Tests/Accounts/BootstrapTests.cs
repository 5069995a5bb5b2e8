using System.Net;
using Anthane.Sso.Accounts;
using Anthane.Sso.Admin;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Accounts;

public sealed class BootstrapTests
{
    private const string Password = "seven purple umbrellas wait";

    [Fact]
    public async Task AC_27_The_first_admin_comes_by_a_one_time_link_and_by_nothing_else()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { DemoSeed = false });
        using var browser = server.NewBrowser();
        Assert.NotEqual(HttpStatusCode.SeeOther, (await browser.SubmitAsync("/account/login", "form:has(#login)", ("Username", "admin"), ("Password", "admin"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/account/bootstrap")).StatusCode);
        var older = await LinkAsync(server);
        var link = await LinkAsync(server);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(older)).StatusCode);

        var made = await browser.SubmitAsync(link, "main form", ("Email", "owner@elsewhere.test"), ("Name", "Olive Owner"), ("Password", Password));
        Assert.Equal(HttpStatusCode.SeeOther, made.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).StatusCode);
        await browser.SubmitAsync("/account/login", "form:has(#login)", ("Username", "owner@elsewhere.test"), ("Password", Password));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/people")).StatusCode);
    }

    [Fact]
    public async Task AC_27_The_link_is_over_after_thirty_minutes()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var link = await LinkAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).StatusCode);
    }

    [Fact]
    public async Task A_locked_out_admin_comes_back_by_the_same_link()
    {
        await using var server = await SsoServer.StartAsync();
        var people = server.Get<PeopleAdmin>();
        var bob = (await people.ListAsync("bob@", 1)).People[0];
        Assert.True((await people.SetDisabledAsync(bob.Id, true, "test")).Done);
        using var browser = server.NewBrowser();
        await browser.SubmitAsync(await LinkAsync(server), "main form", ("Email", "bob@anthane.test"), ("Name", ""), ("Password", Password));

        var back = (await people.FindAsync(bob.Id))!;
        Assert.Equal((false, "Bob Brückner"), (back.Disabled, back.Name));
        Assert.Equal(["admin"], back.Roles);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SubmitAsync("/account/login", "form:has(#login)", ("Username", "bob@anthane.test"), ("Password", Password))).StatusCode);
    }

    [Fact]
    public async Task The_command_prints_a_link_into_the_database_of_a_running_server()
    {
        using var directory = new TempDirectory();
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path });
        Assert.Equal(0, await SsoHost.RunAsync(["bootstrap", "--environment", "Development", "--Sso:Issuer", server.Issuer, "--Sso:DataDirectory", directory.Path]));
        Assert.DoesNotContain(server.Logs, line => line.Contains("bootstrap?token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AD_13_Nobody_takes_away_their_own_or_the_last_admins_way_in()
    {
        await using var server = await SsoServer.StartAsync();
        var people = server.Get<PeopleAdmin>();
        var admin = (await people.ListAsync("admin@anthane.test", 1)).People[0];
        var alice = (await people.ListAsync("alice@", 1)).People[0];
        foreach (var actor in new[] { admin.Id, "somebody-else" })
        {
            Assert.False((await people.SetDisabledAsync(admin.Id, true, actor)).Done);
            Assert.False((await people.DeleteAsync(admin.Id, actor)).Done);
            Assert.False((await people.SetAdminAsync(admin.Id, false, actor)).Done);
        }

        Assert.True((await people.SetAdminAsync(alice.Id, true, admin.Id)).Done);
        Assert.False((await people.DeleteAsync(admin.Id, admin.Id)).Done);
        Assert.True((await people.DeleteAsync(admin.Id, alice.Id)).Done);
        Assert.Null(await people.FindAsync(admin.Id));
    }

    private static async Task<string> LinkAsync(SsoServer server) => new Uri(await server.Get<Bootstrap>().LinkAsync()).PathAndQuery;
}
