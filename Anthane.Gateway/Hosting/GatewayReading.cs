using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Hosting;

/// <summary>The settings and the routes as they are read once, with everything that is wrong with them.</summary>
internal sealed record GatewayReading(GatewaySettings Settings, RouteTable Routes, SettingsProblems Problems, OcelotFile File)
{
    /// <param name="builder">Its configuration holds the settings.</param>
    /// <param name="ocelot">A file to read in place of the one that the settings name.</param>
    public static GatewayReading Of(WebApplicationBuilder builder, string? ocelot = null)
    {
        var problems = new SettingsProblems();
        var settings = GatewaySettingsReader.Read(builder.Configuration, builder.Environment.IsDevelopment(), problems);
        var file = new OcelotFile(ocelot ?? settings.Ocelot, builder.Environment.ContentRootPath, builder.Environment.EnvironmentName, builder.Configuration);
        var configuration = file.Open(problems);
        var routes = configuration is null ? new RouteTable([]) : new OcelotReader(settings, problems, builder.Configuration).Read(configuration);
        return new GatewayReading(settings, routes, problems, file);
    }
}
