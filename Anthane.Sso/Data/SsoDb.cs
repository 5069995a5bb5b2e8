using Anthane.Oidc;
using Anthane.Oidc.Data;
using Anthane.Sso.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Anthane.Sso.Data;

/// <summary>
/// Everything that is stored: people (ASP.NET Core Identity), the engine's rows, and the host's own. One empty derived type
/// for each provider, because EF Core keeps one migration snapshot per type. It knows no rule; rules live with the nouns.
/// </summary>
internal abstract class SsoDb(DbContextOptions options) : IdentityDbContext<SsoUser, IdentityRole, string>(options)
{
    public DbSet<AccountLink> AccountLinks => Set<AccountLink>();

    public DbSet<AttemptCounter> AttemptCounters => Set<AttemptCounter>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<SeedMark> SeedMarks => Set<SeedMark>();

    // Pinned: the tables must not depend on what services happen to be registered.
    protected override Version SchemaVersion => IdentitySchemaVersions.Version2;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        OidcModel.ConfigureConventions(configurationBuilder);

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        OidcModel.Apply(builder);
        builder.Entity<AccountLink>(row =>
        {
            row.HasKey(link => new { link.SubjectId, link.Purpose });
            row.Property(link => link.Purpose).HasConversion<string>();
            row.HasIndex(link => link.Hash).IsUnique();
        });
        builder.Entity<AttemptCounter>(row =>
        {
            row.HasKey(counter => counter.Key);
            row.HasIndex(counter => counter.WindowEndsAt);
        });
        builder.Entity<DataProtectionKey>().HasKey(key => key.Name);
        builder.Entity<SeedMark>().HasKey(mark => new { mark.Kind, mark.Key });
    }
}

internal sealed class SqliteSsoDb(DbContextOptions<SqliteSsoDb> options) : SsoDb(options)
{
    // From the options, since a pooled context is made of nothing else. There is none while the model or a migration is made.
    private readonly WriteGate? gate = options.FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService<WriteGate>();

    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        gate is null ? base.SaveChanges(acceptAllChangesOnSuccess) : gate.Save(this, () => base.SaveChanges(acceptAllChangesOnSuccess));

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default) =>
        gate is null
            ? base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken)
            : gate.SaveAsync(this, () => base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken), cancellationToken);
}

internal sealed class PostgresSsoDb(DbContextOptions<PostgresSsoDb> options) : SsoDb(options);
