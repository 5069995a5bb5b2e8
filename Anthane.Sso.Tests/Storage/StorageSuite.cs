using System.Text;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Subjects;
using Anthane.Sso.Accounts;
using Anthane.Sso.Admin;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Anthane.Sso.Tests.Storage;

/// <summary>What storage promises, whatever the provider. Each provider runs all of it.</summary>
public abstract class StorageSuite
{
    protected abstract Task<SsoServerOptions> OptionsAsync();

    [Fact]
    public async Task Three_nodes_on_an_empty_database_agree_on_one_shape_and_one_set_of_keys()
    {
        using var directory = new TempDirectory();
        // One directory is one master key; the nodes share it as they share the database.
        var options = await OptionsAsync() with { DataDirectory = directory.Path };
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SsoServer.StartAsync(options)));
        try
        {
            var keySets = new List<string>();
            foreach (var node in nodes)
            {
                using var browser = node.NewBrowser();
                keySets.Add(await (await browser.GetAsync("/.well-known/jwks.json")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }

            Assert.Single(keySets.Distinct());
            Assert.Equal(3, (await nodes[0].Get<PeopleAdmin>().ListAsync(null, 1)).Total);
        }
        finally
        {
            await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task Clients_of_an_older_database_may_use_the_grant_types_of_their_kind()
    {
        using var directory = new TempDirectory();
        var options = await OptionsAsync() with { DataDirectory = directory.Path };
        await using (var before = await SsoServer.StartAsync(options))
        {
            await using var db = before.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
            await db.GetService<IMigrator>().MigrateAsync("PushedRequests", TestContext.Current.CancellationToken);
        }

        await using var after = await SsoServer.StartAsync(options);
        var clients = (await after.Get<ClientAdmin>().ListAsync()).ToDictionary(client => client.ClientId, client => string.Join(' ', client.GrantTypes));
        Assert.Equal(("authorization_code refresh_token", "client_credentials"), (clients["notes"], clients["orders-worker"]));
        Assert.Equal(System.Net.HttpStatusCode.OK, (await after.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
    }

    [Fact]
    public async Task A_second_start_finds_everything_and_seeds_nothing_again()
    {
        using var directory = new TempDirectory();
        var options = await OptionsAsync() with { DataDirectory = directory.Path };
        string id;
        await using (var first = await SsoServer.StartAsync(options))
        {
            id = (await first.Get<PeopleAdmin>().ListAsync("alice", 1)).People[0].Id;
            var notes = (await first.Get<ClientAdmin>().FindAsync("notes"))!;
            notes.Name = "Notes, renamed";
            Assert.Empty((await first.Get<ClientAdmin>().UpdateAsync(notes, "test")).Problems);
            Assert.True(await first.Get<ClientAdmin>().DeleteAsync("photos", "test"));
        }

        await using var second = await SsoServer.StartAsync(options);
        var people = await second.Get<PeopleAdmin>().ListAsync(null, 1);
        Assert.Equal(3, people.Total);
        Assert.Contains(people.People, person => person.Id == id);
        Assert.Equal("Notes, renamed", (await second.Get<ClientAdmin>().FindAsync("notes"))!.Name);
        Assert.Null(await second.Get<ClientAdmin>().FindAsync("photos"));
    }

    [Fact]
    public async Task Of_fifty_uses_of_a_link_at_once_one_succeeds()
    {
        await using var server = await SsoServer.StartAsync(await OptionsAsync());
        var (links, writer) = (server.Get<AccountLinks>(), server.Get<StorageWriter>());
        for (var round = 0; round < Rounds.Of(60); round++)
        {
            var token = await writer.WriteAsync(db => links.MakeAsync((SsoDb)db.Context, "somebody", LinkPurpose.NewPassword));
            var uses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
                Task.Run(() => writer.WriteAsync(db => links.ConsumeAsync((SsoDb)db.Context, token, LinkPurpose.NewPassword, "somebody")))));
            Assert.Equal(1, uses.Count(used => used));
        }
    }

    [Fact]
    public async Task A_newer_link_replaces_the_older_one_and_both_end_after_thirty_minutes()
    {
        await using var server = await SsoServer.StartAsync(await OptionsAsync());
        var (links, writer) = (server.Get<AccountLinks>(), server.Get<StorageWriter>());
        var older = await writer.WriteAsync(db => links.MakeAsync((SsoDb)db.Context, "somebody", LinkPurpose.NewPassword));
        var newer = await writer.WriteAsync(db => links.MakeAsync((SsoDb)db.Context, "somebody", LinkPurpose.NewPassword));

        Assert.Null(await links.FindAsync(older, LinkPurpose.NewPassword));
        Assert.Null(await links.FindAsync(newer, LinkPurpose.VerifyEmail));
        Assert.Equal("somebody", await links.FindAsync(newer, LinkPurpose.NewPassword));
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(await links.FindAsync(newer, LinkPurpose.NewPassword));
        Assert.False(await writer.WriteAsync(db => links.ConsumeAsync((SsoDb)db.Context, newer, LinkPurpose.NewPassword, "somebody")));
    }

    [Fact]
    public async Task A_hundred_attempts_at_once_are_counted_as_a_hundred()
    {
        await using var server = await SsoServer.StartAsync(await OptionsAsync());
        var limits = server.Get<AttemptLimits>();
        var key = AttemptLimits.Key("account", "SOMEBODY");
        var counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => limits.CountAsync(key))));
        Assert.Equal(Enumerable.Range(1, 100), counts.Select(count => count[0].Count).Order());

        server.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(1, (await limits.CountAsync(key))[0].Count);
    }

    [Fact]
    public async Task A_person_is_made_found_changed_and_deleted_with_an_audit_row_each()
    {
        await using var server = await SsoServer.StartAsync(await OptionsAsync());
        var people = server.Get<PeopleAdmin>();
        var made = await people.CreateAsync(new NewPerson("Zoe.Nobody@anthane.test", "Zoë Nobody", EmailVerified: true, Admin: true), "admin-id");
        Assert.True(made.Done);
        Assert.False((await people.CreateAsync(new NewPerson("ZOE.nobody@anthane.test", "", false, false), "admin-id")).Done);

        var found = Assert.Single((await people.ListAsync("zoë", 1)).People);
        Assert.Equal((made.Id, "Zoe.Nobody@anthane.test", true, false), (found.Id, found.Email, found.EmailVerified, found.HasPassword));
        Assert.Equal(["admin"], found.Roles);
        var subject = await server.Get<ISubjectDirectory>().FindAsync(made.Id!, TestContext.Current.CancellationToken);
        Assert.Equal("Zoë Nobody", subject!.Claims["name"].GetString());
        Assert.False(subject.Claims.ContainsKey("given_name"));

        Assert.True((await people.SetDisabledAsync(made.Id!, true, "admin-id")).Done);
        Assert.False((await server.Get<ISubjectDirectory>().FindAsync(made.Id!, TestContext.Current.CancellationToken))!.IsActive);
        Assert.True((await people.DeleteAsync(made.Id!, "admin-id")).Done);
        Assert.Null(await people.FindAsync(made.Id!));
        Assert.Equal(["person.delete", "person.disable", "person.create"], (await server.Get<AuditLog>().ListAsync(made.Id, 10)).Select(row => row.Action));
    }

    [Fact]
    public async Task The_list_of_people_comes_in_pages()
    {
        await using var server = await SsoServer.StartAsync(await OptionsAsync() with { DemoSeed = false });
        var people = server.Get<PeopleAdmin>();
        for (var i = 0; i < 30; i++)
        {
            Assert.True((await people.CreateAsync(new NewPerson($"person{i:D2}@anthane.test", "", true, false), "test")).Done);
        }

        var last = await people.ListAsync("person", 2);
        Assert.Equal((30, 2, 25, 5), (last.Total, last.Page, last.PageSize, last.People.Count));
        Assert.Equal("person29@anthane.test", last.People[^1].Email);
        Assert.Equal(2, (await people.ListAsync("person", 99)).Page);
    }

    [Fact]
    public async Task What_one_node_protected_another_reads_and_the_ring_lies_wrapped()
    {
        using var directory = new TempDirectory();
        var options = await OptionsAsync() with { DataDirectory = directory.Path, DemoSeed = false };
        await using var one = await SsoServer.StartAsync(options);
        await using var two = await SsoServer.StartAsync(options);
        var text = one.Get<IDataProtectionProvider>().CreateProtector("test").Protect("hello");
        Assert.Equal("hello", two.Get<IDataProtectionProvider>().CreateProtector("test").Unprotect(text));

        await using var db = one.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var rows = await db.DataProtectionKeys.ToListAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.DoesNotContain("masterKey", Encoding.UTF8.GetString(row.Wrapped), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Sweeping_takes_what_is_over_and_leaves_what_is_not()
    {
        await using var server = await SsoServer.StartAsync(await OptionsAsync());
        var writer = server.Get<StorageWriter>();
        await server.Get<AttemptLimits>().CountAsync(AttemptLimits.Key("account", "OLD"));
        await writer.WriteAsync(db => server.Get<AccountLinks>().MakeAsync((SsoDb)db.Context, "old", LinkPurpose.NewPassword));
        await writer.WriteAsync(async context =>
        {
            var db = (SsoDb)context.Context;
            var never = NewUser.Of("never@anthane.test", "", server.Clock.GetUtcNow());
            never.PasswordHash = "somebody signed up and never came back";
            db.Users.AddRange(never, NewUser.Of("invited@anthane.test", "", server.Clock.GetUtcNow()));
            await db.SaveChangesAsync();
        });
        server.Clock.Advance(TimeSpan.FromDays(7));
        await server.Services.GetServices<IHostedService>().OfType<AccountSweeper>().Single().SweepAsync();

        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        Assert.Empty(await db.AttemptCounters.ToListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await db.AccountLinks.ToListAsync(TestContext.Current.CancellationToken));
        var left = await db.Users.Select(user => user.Email).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Contains("invited@anthane.test", left);
        Assert.Contains("alice@anthane.test", left);
        Assert.DoesNotContain("never@anthane.test", left);
    }
}
