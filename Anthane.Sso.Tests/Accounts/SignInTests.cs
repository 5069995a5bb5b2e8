using System.Net;
using Anthane.Sso.Accounts;
using Anthane.Sso.Admin;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Anthane.Sso.Tests.Accounts;

public sealed class SignInTests
{
    private const string Alice = "alice@anthane.test";
    private const string AlicePassword = "wonderland-tea-at-four";
    private const string WrongPassword = "wonderland-tea-at-five";

    [Fact]
    public async Task AC_01_Unknown_wrong_locked_disabled_and_unverified_look_alike_and_cost_one_hash()
    {
        await using var server = await SsoServer.StartAsync(Counting());
        await AddAsync(server, "mallo@anthane.test", user => user.EmailConfirmed = false);
        await AddAsync(server, "carol@anthane.test", user => user.Disabled = true);
        await AddAsync(server, "erica@anthane.test", _ => { });
        for (var i = 0; i < 11; i++)
        {
            using var stranger = server.NewBrowser();
            await SignInAsync(stranger, "erica@anthane.test", WrongPassword);
        }

        var hasher = Hasher(server);
        var seen = new List<(HttpStatusCode, long?, string, int)>();
        foreach (var (name, password) in new[] { ("nobod@anthane.test", AlicePassword), (Alice, WrongPassword), ("mallo@anthane.test", AlicePassword), ("carol@anthane.test", AlicePassword), ("erica@anthane.test", AlicePassword) })
        {
            using var browser = server.NewBrowser();
            hasher.Verified.Clear();
            var answer = await SignInAsync(browser, name, password);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var headers = string.Join(' ', answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key).Order(StringComparer.Ordinal));
            Assert.Contains("do not belong together", text, StringComparison.Ordinal);
            seen.Add((answer.StatusCode, text.Length, headers, hasher.Verified.Count));
        }

        Assert.Single(seen.Distinct());
        Assert.Equal(1, seen[0].Item4);
    }

    [Fact]
    public async Task AC_04_A_hundred_wrong_passwords_at_once_are_not_a_hundred_guesses()
    {
        await using var server = await SsoServer.StartAsync(Counting());
        var hash = await HashOfAsync(server, Alice);
        var limit = new Hosting.LimitOptions().FailuresPerAccount;
        // The pages are fetched one after the other; what counts is that the passwords arrive together.
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            using var browser = server.NewBrowser();
            return (await SignInAsync(browser, Alice, WrongPassword)).StatusCode;
        }));

        Assert.DoesNotContain(HttpStatusCode.SeeOther, answers);
        Assert.InRange(Hasher(server).Verified.Count(verified => verified == hash), 1, limit + 1);
        using var late = server.NewBrowser();
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(late, Alice, AlicePassword)).StatusCode);
    }

    [Fact]
    public async Task AC_05_A_stranger_who_locks_an_account_does_not_lock_out_its_owner()
    {
        await using var server = await SsoServer.StartAsync();
        using var known = server.NewBrowser();
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(known, Alice, AlicePassword)).StatusCode);
        known.Cookies.Remove("anthane-session");
        await LockAsync(server, Alice);

        using var unknown = server.NewBrowser();
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(unknown, Alice, AlicePassword)).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(known, Alice, AlicePassword)).StatusCode);
        server.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(unknown, Alice, AlicePassword)).StatusCode);
    }

    [Fact]
    public async Task AC_06_One_password_tried_on_many_people_is_throttled_by_the_real_address()
    {
        await using var server = await SsoServer.StartAsync(LimitedByAddress());
        HttpStatusCode last = default;
        for (var i = 0; i < 11; i++)
        {
            using var browser = server.NewBrowser();
            browser.Headers.Add("X-Forwarded-For", i % 2 == 0 ? $"203.0.113.{i}" : "a");
            last = (await SignInAsync(browser, $"person{i}@anthane.test", "summer-holidays-2026-x")).StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        using var honest = server.NewBrowser();
        var refused = await SignInAsync(honest, Alice, AlicePassword);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        server.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(honest, Alice, AlicePassword)).StatusCode);
    }

    [Fact]
    public async Task AC_06_Behind_a_trusted_proxy_each_sender_is_counted_by_the_address_that_the_proxy_saw()
    {
        var limited = LimitedByAddress();
        await using var server = await SsoServer.StartAsync(limited with
        {
            Settings = new Dictionary<string, string?>(limited.Settings) { ["Sso:TrustedProxies:0"] = "127.0.0.0/8", ["Sso:TrustedProxies:1"] = "::1" },
        });
        for (var i = 0; i < 12; i++)
        {
            using var attacker = server.NewBrowser();
            attacker.Headers.Add("X-Forwarded-For", "198.51.100.7, 203.0.113.9");
            await SignInAsync(attacker, $"person{i}@anthane.test", "summer-holidays-2026-x");
        }

        using var other = server.NewBrowser();
        other.Headers.Add("X-Forwarded-For", "198.51.100.7");
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(other, Alice, AlicePassword)).StatusCode);
        using var same = server.NewBrowser();
        same.Headers.Add("X-Forwarded-For", "203.0.113.9");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SignInAsync(same, Alice, AlicePassword)).StatusCode);
    }

    [Fact]
    public async Task AC_16_The_device_cookie_of_one_person_means_nothing_for_another()
    {
        await using var server = await SsoServer.StartAsync();
        using var bobs = server.NewBrowser();
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(bobs, "bob@anthane.test", "builder-of-many-bridges")).StatusCode);
        bobs.Cookies.Remove("anthane-session");
        await LockAsync(server, Alice);
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(bobs, Alice, AlicePassword)).StatusCode);
    }

    [Fact]
    public async Task AC_18_A_copied_cookie_is_worth_nothing_after_sign_out()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        await SignInAsync(browser, Alice, AlicePassword);
        using var thief = server.NewBrowser();
        thief.Cookies["anthane-session"] = browser.Cookies["anthane-session"];
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("/")).StatusCode);

        await browser.SubmitAsync("/account/logout", "form:has(#logout)");
        thief.Cookies["anthane-session"] = thief.Cookies.GetValueOrDefault("anthane-session") ?? "gone";
        var answer = await thief.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/account/login", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AC_19_On_https_every_cookie_is_bound_to_this_host_and_out_of_reach_of_scripts()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "https://sso.anthane.test", Settings = OverTls });
        using var browser = server.NewBrowser();
        browser.Headers.Add("X-Forwarded-Proto", "https");
        var page = await browser.GetAsync("/account/login");
        var signedIn = await SignInAsync(browser, Alice, AlicePassword);
        Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);
        var cookies = page.Headers.GetValues("Set-Cookie").Concat(signedIn.Headers.GetValues("Set-Cookie")).ToList();
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-anthane-session=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-anthane-xsrf=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-anthane-device=", StringComparison.Ordinal));
        Assert.All(cookies, cookie =>
        {
            var flags = cookie.Split(';').Skip(1).Select(flag => flag.Trim().ToLowerInvariant()).ToList();
            Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal);
            Assert.Contains("secure", flags);
            Assert.Contains("httponly", flags);
            Assert.Contains("samesite=lax", flags);
            Assert.Contains("path=/", flags);
            Assert.DoesNotContain(flags, flag => flag.StartsWith("domain", StringComparison.Ordinal));
            Assert.True(cookie.Length < 4096);
        });
    }

    [Fact]
    public async Task AC_17_Disabling_a_person_ends_every_session_and_keeps_them_out()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        await SignInAsync(browser, Alice, AlicePassword);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);
        var people = server.Get<PeopleAdmin>();
        var alice = (await people.ListAsync(Alice, 1)).People[0];
        Assert.True((await people.SetDisabledAsync(alice.Id, true, "admin-id")).Done);

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).StatusCode);
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(browser, Alice, AlicePassword)).StatusCode);
        Assert.True((await people.SetDisabledAsync(alice.Id, false, "admin-id")).Done);
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(browser, Alice, AlicePassword)).StatusCode);
    }

    [Fact]
    public async Task AC_20_A_megabyte_for_a_password_is_refused_before_any_hash()
    {
        await using var server = await SsoServer.StartAsync(Counting());
        using var browser = server.NewBrowser();
        var answer = await SignInAsync(browser, Alice, new string('x', 1_000_000));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(Hasher(server).Verified);
    }

    [Fact]
    public async Task OP_02_What_is_typed_as_a_name_never_reaches_the_log()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        await SignInAsync(browser, "evil\r\nline\u001b[31m@anthane.test", WrongPassword);
        Assert.DoesNotContain(server.Logs, line => line.Contains("evil", StringComparison.Ordinal) || line.Contains('\u001b', StringComparison.Ordinal));
        Assert.Contains(server.Logs, line => line.Contains("Sign-in refused", StringComparison.Ordinal) && line.Contains("support id", StringComparison.Ordinal));
    }

    private static Dictionary<string, string?> OverTls => new() { ["Sso:TrustedProxies:0"] = "127.0.0.1", ["Sso:TrustedProxies:1"] = "::1" };

    private static SsoServerOptions Counting() => new() { Configure = builder => builder.Services.AddSingleton<IPasswordHasher<SsoUser>, CountingHasher>() };

    private static SsoServerOptions LimitedByAddress() => new()
    {
        Settings = new Dictionary<string, string?> { ["Sso:Limits:FailuresPerAddress"] = "10", ["Sso:Limits:ExemptLoopback"] = "false" },
    };

    private static CountingHasher Hasher(SsoServer server) => (CountingHasher)server.Get<IPasswordHasher<SsoUser>>();

    private static Task<HttpResponseMessage> SignInAsync(TestBrowser browser, string name, string password) =>
        browser.SubmitAsync("/account/login", "form:has(#login)", ("Username", name), ("Password", password));

    private static async Task LockAsync(SsoServer server, string name)
    {
        for (var i = 0; i < 10; i++)
        {
            using var stranger = server.NewBrowser();
            await SignInAsync(stranger, name, WrongPassword);
        }
    }

    private static async Task<string> HashOfAsync(SsoServer server, string email)
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return (await db.Users.SingleAsync(user => user.Email == email, TestContext.Current.CancellationToken)).PasswordHash!;
    }

    /// <summary>Somebody with Alice's password.</summary>
    private static async Task AddAsync(SsoServer server, string email, Action<SsoUser> change)
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var user = NewUser.Of(email, "", server.Clock.GetUtcNow());
        user.EmailConfirmed = true;
        user.PasswordHash = (await db.Users.SingleAsync(row => row.Email == Alice, TestContext.Current.CancellationToken)).PasswordHash;
        change(user);
        db.Users.Add(user);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }
}
