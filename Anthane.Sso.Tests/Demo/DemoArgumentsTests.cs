using Anthane.Demo;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Demo;

public sealed class DemoArgumentsTests
{
    [Fact]
    public void Known_arguments_are_read()
    {
        var arguments = DemoArguments.Parse(["--fresh", "--data", "somewhere"]);
        Assert.Null(arguments.Problem);
        Assert.True(arguments.Fresh);
        Assert.Equal("somewhere", arguments.Data);
        Assert.Equal("elsewhere", DemoArguments.Parse(["--data=elsewhere"]).Data);
    }

    [Theory]
    [InlineData("--frsh")]
    [InlineData("--fresh=yes")]
    [InlineData("run")]
    [InlineData("--data")]
    [InlineData("--data=")]
    [InlineData("--data", "--fresh")]
    public void Arguments_that_are_not_known_are_refused(params string[] args) => Assert.NotNull(DemoArguments.Parse(args).Problem);

    [Fact]
    public void Fresh_deletes_what_an_earlier_run_left()
    {
        using var directory = new TempDirectory();
        var data = Path.Combine(directory.Path, "data");
        File.WriteAllText(Path.Combine(DataDirectory.Prepare(data, fresh: false), "old"), "");

        Assert.Equal(data, DataDirectory.Prepare(data, fresh: true));
        Assert.False(File.Exists(Path.Combine(data, "old")));
    }

    [Fact]
    public void Fresh_does_not_delete_a_directory_that_the_demo_did_not_make()
    {
        using var directory = new TempDirectory();
        var precious = Path.Combine(directory.Path, "precious");
        File.WriteAllText(precious, "");

        Assert.Throws<DemoException>(() => DataDirectory.Prepare(directory.Path, fresh: true));
        Assert.True(File.Exists(precious));
    }
}
