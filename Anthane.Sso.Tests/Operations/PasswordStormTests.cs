using System.Net;
using Anthane.Sso.Accounts;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Anthane.Sso.Tests.Operations;

public sealed class PasswordStormTests
{
    [Fact]
    public async Task A_storm_of_sign_ins_is_turned_away_beyond_the_queue_while_tokens_go_on_and_the_queue_is_served()
    {
        using var gate = new ManualResetEventSlim(initialState: true);
        await using var server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Configure = builder => builder.Services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<SsoUser>>(
                services => new WaitingHasher(services.GetRequiredService<IOptions<PasswordHasherOptions>>(), gate))),
        });
        var people = Enumerable.Range(0, 150).Select(_ => server.NewBrowser()).ToList();
        var forms = await Task.WhenAll(people.Select(person => person.GetAsync("/account/login")));

        gate.Reset();
        using var open = new Opening(gate);
        var attempts = people.Select((person, i) => person.ClickAsync(forms[i], "#login", ("Username", $"stranger-{i}@anthane.test"), ("Password", "a guess of many"))).ToList();
        var turnedAway = new List<HttpResponseMessage>();
        while (turnedAway.Count < 50)
        {
            var first = await Task.WhenAny(attempts).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            attempts.Remove(first);
            turnedAway.Add(await first);
        }

        Assert.All(turnedAway, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
        Assert.All(turnedAway, answer => Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60));
        var page = await TestBrowser.ReadAsync(turnedAway[0]);
        Assert.NotNull(page.QuerySelector("#Password-problem"));
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        Assert.Equal(HttpStatusCode.OK, (await people[0].GetAsync("/account/login")).StatusCode);

        gate.Set();
        var served = (await Task.WhenAll(attempts)).Where(answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable).ToList();
        Assert.NotEmpty(served);
        using var alice = server.NewBrowser();
        var answer = await alice.SubmitAsync("/account/login", "form:has(#login)", ("Username", Person.Alice.UserName), ("Password", Person.Alice.Password));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        people.ForEach(person => person.Dispose());
    }

    /// <summary>A test that fails must not leave the server waiting.</summary>
    private sealed class Opening(ManualResetEventSlim gate) : IDisposable
    {
        public void Dispose() => gate.Set();
    }

    /// <summary>The real hasher on a machine that is as slow as the test says.</summary>
    private sealed class WaitingHasher(IOptions<PasswordHasherOptions> options, ManualResetEventSlim gate) : IPasswordHasher<SsoUser>
    {
        private readonly PasswordHasher<SsoUser> real = new(options);

        public string HashPassword(SsoUser user, string password) => real.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(SsoUser user, string hashedPassword, string providedPassword)
        {
            gate.Wait();
            return real.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
