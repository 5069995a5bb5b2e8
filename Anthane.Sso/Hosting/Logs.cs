namespace Anthane.Sso.Hosting;

/// <summary>One line for each event: JSON where machines read it, plain in Development.</summary>
internal static class Logs
{
    public static void AddLogs(this WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsDevelopment())
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddJsonConsole(console => console.IncludeScopes = true);
        }

        builder.Services.PostConfigure<LoggerFilterOptions>(filters =>
        {
            // These write whole addresses, and an address can hold a one-time link or a code, whatever level was asked for.
            Cap(filters, "Microsoft.AspNetCore.Hosting.Diagnostics");
            Cap(filters, "Microsoft.AspNetCore.Routing");
            Cap(filters, "Microsoft.AspNetCore.Server.Kestrel");
            Cap(filters, "Microsoft.AspNetCore.Mvc");
            Cap(filters, "Microsoft.AspNetCore.HttpsPolicy");
            Cap(filters, "Microsoft.EntityFrameworkCore.Database.Command");
            // A start that failed is told by whoever asked for it, see SsoHost.RunAsync; here it would come once more, with a stack trace.
            Cap(filters, "Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
            // The ring is wrapped by our repository as a whole, which this class cannot see and warns about.
            Cap(filters, "Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
        });
    }

    /// <summary>The last rule for a category wins, and this is the last. A rule for one provider (<c>Logging:Console:LogLevel</c>) wins over one for all, so each is told.</summary>
    private static void Cap(LoggerFilterOptions filters, string category, LogLevel least = LogLevel.Warning)
    {
        foreach (var provider in filters.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList())
        {
            filters.Rules.Add(new LoggerFilterRule(provider, category, least, null));
        }
    }
}
