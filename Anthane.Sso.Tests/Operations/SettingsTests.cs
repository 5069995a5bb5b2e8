using Anthane.Sso.Accounts;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Anthane.Sso.Tests.Operations;

public sealed class SettingsTests
{
    private const string GoodKey = "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=";

    [Fact]
    public void OP_13_Outside_Development_every_mistake_is_named_at_once()
    {
        var problems = Problems(
            ("Sso:Issuer", "http://sso.anthane.test"),
            ("AllowedHosts", "*"),
            ("Sso:ConnectionString", "Host=db;Username=sso;Password=postgres"),
            ("Sso:TrustedProxies:0", "everybody"),
            ("Sso:Smtp:Host", "mail.anthane.test"),
            ("Sso:Smtp:Password", "changeme"),
            ("Sso:Limits:WindowMinutes", "1000"),
            ("FORWARDEDHEADERS_ENABLED", "true"));
        string[] expected =
        [
            "Sso:Issuer is an http address", "AllowedHosts is *", "There is no master key", "database password", "'everybody' is neither",
            "Sso:Smtp:From", "Sso:Smtp:Password", "Sso:Limits:WindowMinutes", "FORWARDEDHEADERS_ENABLED",
        ];
        Assert.All(expected, part => Assert.Contains(problems, problem => problem.Contains(part, StringComparison.Ordinal)));
        Assert.DoesNotContain(problems, problem => problem.Contains("changeme", StringComparison.Ordinal) || problem.Contains("Password=postgres", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("Y2hhbmdlLW1lLWNoYW5nZS1tZS1jaGFuZ2UtbWUtMTI=")]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64 at all")]
    public void OP_13_A_master_key_that_is_not_random_is_refused(string key) =>
        Assert.Contains(Problems(("Sso:Issuer", "https://sso.anthane.test"), ("Sso:DataDirectory", "data"), ("Sso:MasterKey", key)), problem => problem.StartsWith("Sso:MasterKey", StringComparison.Ordinal));

    [Fact]
    public void Two_master_keys_are_one_too_many() =>
        Assert.Contains(
            Problems(("Sso:Issuer", "https://sso.anthane.test"), ("Sso:DataDirectory", "data"), ("Sso:MasterKey", GoodKey), ("Sso:MasterKeyFile", "key")),
            problem => problem.Contains("not several", StringComparison.Ordinal));

    [Fact]
    public async Task Settings_that_cannot_be_used_end_the_program_with_1() =>
        Assert.Equal(1, await SsoHost.RunAsync(["--environment", "Production", "--Sso:Issuer", "http://sso.anthane.test"]));

    [Fact]
    public async Task An_unknown_command_ends_the_program_with_1()
    {
        using var directory = new TempDirectory();
        Assert.Equal(1, await SsoHost.RunAsync(["bootstarp", "--environment", "Development", "--Sso:DataDirectory", directory.Path]));
    }

    [Theory]
    [InlineData("http://localhost:8400", true)]
    [InlineData("http://127.0.0.1:1;https://[::1]:2", true)]
    [InlineData("http://0.0.0.0:8400", false)]
    [InlineData("http://+:80", false)]
    [InlineData("http://*:80", false)]
    [InlineData("http://localhost:1;http://sso.anthane.test", false)]
    [InlineData("http://[::]:80", false)]
    public void The_seed_knows_which_addresses_are_loopback(string urls, bool loopback) =>
        Assert.Equal(loopback, BoundAddresses.AreLoopback(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("urls", (string?)urls)]).Build()));

    [Fact]
    public void The_seed_sees_ports_and_Kestrel_endpoints_too()
    {
        Assert.False(BoundAddresses.AreLoopback(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("http_ports", (string?)"8080")]).Build()));
        Assert.False(BoundAddresses.AreLoopback(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Kestrel:Endpoints:a:Url", (string?)"http://10.0.0.1:80")]).Build()));
        Assert.True(BoundAddresses.AreLoopback(new ConfigurationBuilder().Build()));
    }

    [Fact]
    public void The_passwords_of_the_demo_pass_our_own_rules()
    {
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, BundledSettings.FileName)).Build();
        var people = configuration.GetSection("Sso:Seed:People").Get<List<SeedPerson>>()!;
        Assert.Equal(3, people.Count);
        Assert.All(people, person => Assert.Null(PasswordRules.Problem(person.Password, PasswordRules.Context(person.Email, "", "http://localhost:8400"))));
    }

    private static IReadOnlyList<string> Problems(params (string Name, string Value)[] settings) =>
        Assert.Throws<SsoConfigurationException>(() => SsoHost.Build(
            new WebApplicationOptions { EnvironmentName = "Production" },
            builder => builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))))).Problems;
}
