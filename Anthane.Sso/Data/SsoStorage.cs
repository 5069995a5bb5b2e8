using Anthane.Sso.Hosting;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Data;

/// <summary>Which database, and how it is reached. Everything else asks for <c>IDbContextFactory&lt;SsoDb&gt;</c> and does not know.</summary>
internal static class SsoStorage
{
    public static IServiceCollection AddSsoStorage(this IServiceCollection services, SsoSettings settings)
    {
        if (settings.IsPostgres)
        {
            services.AddPooledDbContextFactory<PostgresSsoDb>(options => options.UseNpgsql(settings.ConnectionString));
            services.AddSingleton<IDbContextFactory<SsoDb>, SsoDbFactory<PostgresSsoDb>>();
        }
        else
        {
            services.AddSingleton<SqlitePragmas>();
            services.AddPooledDbContextFactory<SqliteSsoDb>((provider, options) => options
                .UseSqlite(settings.ConnectionString)
                .AddInterceptors(provider.GetRequiredService<SqlitePragmas>()));
            services.AddSingleton<IDbContextFactory<SsoDb>, SsoDbFactory<SqliteSsoDb>>();
        }

        services.AddSingleton<StartLock>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<DataProtectionRing>();
        services.AddDataProtection();
        services.AddOptions<KeyManagementOptions>().Configure<DataProtectionRing>((options, ring) => options.XmlRepository = ring);
        return services;
    }

    /// <summary>
    /// Builds EF Core's model, the longest single step of a start, on another core while the host is put together. EF Core
    /// keeps models for the whole process, by provider and context type, so the host's own contexts find it or wait for it; what
    /// fails here fails there again, and is told there.
    /// </summary>
    public static void BeginModel(SsoSettings settings) => _ = Task.Run(() =>
    {
        using SsoDb db = settings.IsPostgres
            ? new PostgresSsoDb(new DbContextOptionsBuilder<PostgresSsoDb>().UseNpgsql().Options)
            : new SqliteSsoDb(new DbContextOptionsBuilder<SqliteSsoDb>().UseSqlite().Options);
        return db.Model.GetEntityTypes().Count();
    });

    private sealed class SsoDbFactory<TDb>(IDbContextFactory<TDb> inner) : IDbContextFactory<SsoDb>
        where TDb : SsoDb
    {
        public SsoDb CreateDbContext() => inner.CreateDbContext();
    }
}
