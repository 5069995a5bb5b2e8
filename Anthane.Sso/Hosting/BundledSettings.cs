using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;

namespace Anthane.Sso.Hosting;

/// <summary>Settings that are shipped with the program. Every other source wins over them, environment variables above all.</summary>
internal static class BundledSettings
{
    public const string FileName = "appsettings.Development.json";

    public static void Add(WebApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [Quiet("Microsoft.AspNetCore"), Quiet("Microsoft.EntityFrameworkCore")],
        });
        if (builder.Environment.IsDevelopment())
        {
            builder.Configuration.Sources.Insert(0, new JsonConfigurationSource
            {
                FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
                Path = FileName,
                Optional = true,
            });
        }
    }

    private static KeyValuePair<string, string?> Quiet(string category) => new("Logging:LogLevel:" + category, nameof(LogLevel.Warning));
}
