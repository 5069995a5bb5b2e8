using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Anthane.Demo;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Operations;

/// <summary>Another program listens already where a host should: that is told in a line, and the program ends with 1.</summary>
public sealed class TakenAddressTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly TcpListener other = new(IPAddress.Loopback, 0);
    private readonly TempDirectory directory = new();

    public TakenAddressTests() => other.Start();

    private int Port => ((IPEndPoint)other.LocalEndpoint).Port;

    public void Dispose()
    {
        other.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task The_SSO_says_in_one_line_that_its_address_is_taken(string environment)
    {
        var (code, output, error) = await RunAsync(
            "Anthane.Sso.dll",
            $"--environment={environment}",
            $"--urls=http://localhost:{Port}",
            $"--Sso:Issuer={(environment == "Production" ? "https://sso.anthane.test" : $"http://localhost:{Port}")}",
            "--Sso:MasterKey=3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=",
            $"--Sso:DataDirectory={directory.Path}");

        Assert.Equal(1, code);
        Assert.Equal($"Anthane.Sso cannot start:\n  - Failed to bind to address http://127.0.0.1:{Port}: address already in use. End what listens there, or choose another address with --urls.", error);
        ExpectNoTrace(output);
    }

    [Fact]
    public async Task The_gateway_says_in_one_line_that_its_address_is_taken()
    {
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "ocelot.json"), TestGateway.Routes(), TestContext.Current.CancellationToken);
        var (code, output, error) = await RunAsync("Anthane.Gateway.dll", "--environment=Development", $"--urls=http://localhost:{Port}");

        Assert.Equal(1, code);
        Assert.Equal($"The gateway did not start: Failed to bind to address http://127.0.0.1:{Port}: address already in use. End what listens there, or choose another address with --urls.", error);
        ExpectNoTrace(output);
    }

    [Theory]
    [InlineData(nameof(DemoPart.Orders))]
    [InlineData(nameof(DemoPart.Sso))]
    [InlineData(nameof(DemoPart.Gateway))]
    [InlineData(nameof(DemoPart.Notes))]
    [InlineData(nameof(DemoPart.Photos))]
    [InlineData(nameof(DemoPart.Reports))]
    public async Task The_demo_names_the_port_that_is_taken_and_whose_it_is(string part)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await DemoProgram.RunAsync(["--data", Path.Combine(directory.Path, "data")], Addresses(Enum.Parse<DemoPart>(part)), output, error);

        Assert.Equal(1, code);
        Assert.Equal($"Something else already listens on port {Port} ({part}). Is the demo running in another window? End that, then start again.", error.ToString().Trim());
        Assert.Empty(output.ToString());
    }

    [Theory]
    [InlineData(nameof(DemoPart.Sso))]
    [InlineData(nameof(DemoPart.Notes))]
    public async Task A_port_that_is_taken_while_the_demo_starts_is_told_in_one_line_too(string part)
    {
        using var log = new CapturedLog();
        var options = new DemoOptions
        {
            DataDirectory = directory.Path,
            Addresses = Addresses(Enum.Parse<DemoPart>(part)),
            Worker = false,
            Configure = (_, builder) => builder.Services.AddSingleton<ILoggerProvider>(log),
        };
        var refusal = await Assert.ThrowsAsync<DemoException>(() => DemoHost.StartAsync(options, TestContext.Current.CancellationToken));

        Assert.Contains($":{Port}: address already in use. End what listens there", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Lines, line => line.Contains("address already in use", StringComparison.Ordinal));
    }

    private DemoAddresses Addresses(DemoPart taken)
    {
        var ports = FreePorts.Take(6);
        ports[(int)taken] = Port;
        return new DemoAddresses
        {
            Orders = $"http://127.0.0.1:{ports[(int)DemoPart.Orders]}",
            Sso = $"http://localhost:{ports[(int)DemoPart.Sso]}",
            Gateway = $"http://localhost:{ports[(int)DemoPart.Gateway]}",
            Notes = $"http://localhost:{ports[(int)DemoPart.Notes]}",
            Photos = $"http://localhost:{ports[(int)DemoPart.Photos]}",
            Reports = $"http://localhost:{ports[(int)DemoPart.Reports]}",
        };
    }

    private static void ExpectNoTrace(string output)
    {
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
    }

    /// <summary>Runs a program to its end.</summary>
    private async Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory.Path,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        finally
        {
            process.Kill();
        }

        return (process.ExitCode, await output, (await error).Trim());
    }
}
