using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace Anthane.Sso.Hosting;

/// <summary>The Development settings that are shipped beside the program. Every other source wins over them, environment variables above all.</summary>
internal static class BundledSettings
{
    public const string FileName = "appsettings.Development.json";

    public static void Add(WebApplicationBuilder builder)
    {
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
}
