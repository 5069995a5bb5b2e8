using System.Text.Json;
using Anthane.Oidc.Audit;
using Anthane.Oidc.ClientDocuments;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Registration;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Revocations;
using Anthane.Oidc.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Anthane.Oidc;

/// <summary>Puts the engine's rows into the host's model. Call both methods from the host's DbContext.</summary>
public static class OidcModel
{
    /// <summary>From <c>ConfigureConventions</c>: how instants are stored.</summary>
    public static void ConfigureConventions(ModelConfigurationBuilder configuration) =>
        configuration.Properties<DateTimeOffset>().HaveConversion<InstantConverter>();

    /// <summary>From <c>OnModelCreating</c>: every table of the engine.</summary>
    public static void Apply(ModelBuilder model)
    {
        Configuration(model);
        Keys(model);
        People(model);
        Granted(model);
        Happened(model);
    }

    private static void Configuration(ModelBuilder model)
    {
        model.Entity<Client>(row =>
        {
            row.ToTable("Clients").HasKey(client => client.ClientId);
            row.Property(client => client.Kind).HasConversion<string>();
            row.Property(client => client.Exchange).HasConversion(
                policy => policy!.Write(),
                text => ExchangePolicy.Read(text),
                new ValueComparer<ExchangePolicy?>((left, right) => Equals(left, right), policy => policy!.GetHashCode(), policy => ExchangePolicy.Read(policy!.Write())));
            // By the property: a row that was never asked for its grant types has those of its kind.
            row.Property(client => client.GrantTypes).AsJson().UsePropertyAccessMode(PropertyAccessMode.Property);
            row.Property(client => client.RedirectUris).AsJson();
            row.Property(client => client.PostLogoutRedirectUris).AsJson();
            row.Property(client => client.Scopes).AsJson();
            row.Property(client => client.DefaultScopes).AsJson();
            row.Property(client => client.Rules).AsJson();
            // By the property, which finds the rules that the name stands for.
            row.Property(client => client.Profile).HasDefaultValue(ClientProfile.Default.Name).UsePropertyAccessMode(PropertyAccessMode.Property);
            row.Property(client => client.SelfService).HasConversion(
                value => JsonSerializer.Serialize(value, JsonSerializerOptions.Default),
                text => JsonSerializer.Deserialize<SelfService>(text, JsonSerializerOptions.Default)!);
            row.Property(client => client.Version).IsConcurrencyToken();
        });
        model.Entity<ClientSecret>(row =>
        {
            row.ToTable("ClientSecrets").HasKey(secret => secret.Id);
            row.HasIndex(secret => secret.ClientId);
        });
        model.Entity<InitialAccessToken>(row =>
        {
            row.ToTable("InitialAccessTokens").HasKey(token => token.Id);
            row.HasIndex(token => token.Hash).IsUnique();
            row.Property(token => token.Scopes).AsJson();
            row.Property(token => token.GrantTypes).AsJson();
        });
        model.Entity<Api>(row =>
        {
            row.ToTable("Apis").HasKey(api => api.Audience);
            row.Property(api => api.Claims).AsJson();
            row.Property(api => api.Version).IsConcurrencyToken();
        });
        model.Entity<ApiScope>(row =>
        {
            row.ToTable("ApiScopes").HasKey(scope => scope.Name);
            row.HasIndex(scope => scope.Audience);
        });
        model.Entity<BlockedDocumentHost>().ToTable("BlockedDocumentHosts").HasKey(row => row.Host);
        model.Entity<ChangeCounter>().ToTable("ChangeCounters").HasKey(counter => counter.Area);
    }

    private static void Keys(ModelBuilder model)
    {
        model.Entity<SigningKey>(row =>
        {
            row.ToTable("SigningKeys").HasKey(key => key.Kid);
            row.HasIndex(key => key.Slot).IsUnique();
        });
        model.Entity<ServerSecret>().ToTable("ServerSecrets").HasKey(secret => secret.Name);
    }

    private static void People(ModelBuilder model)
    {
        model.Entity<SsoSession>(row =>
        {
            row.ToTable("Sessions").HasKey(session => session.Sid);
            row.HasIndex(session => session.CookieHash).IsUnique();
            row.HasIndex(session => session.SubjectId);
            row.HasIndex(session => session.AbsoluteEndsAt);
        });
        model.Entity<SessionClient>().ToTable("SessionClients").HasKey(row => new { row.Sid, row.ClientId });
        model.Entity<Consent>(row =>
        {
            row.ToTable("Consents").HasKey(consent => new { consent.SubjectId, consent.ClientId, consent.Resource });
            row.Property(consent => consent.Scopes).AsJson();
        });
        model.Entity<PendingAuthorization>(row =>
        {
            row.ToTable("PendingAuthorizations").HasKey(pending => pending.IdHash);
            row.HasIndex(pending => pending.ExpiresAt);
        });
        model.Entity<PendingSignOut>(row =>
        {
            row.ToTable("PendingSignOuts").HasKey(pending => pending.IdHash);
            row.HasIndex(pending => pending.ExpiresAt);
        });
    }

    private static void Granted(ModelBuilder model)
    {
        model.Entity<GrantRecord>(row =>
        {
            row.ToTable("Grants").HasKey(grant => grant.Gid);
            row.HasIndex(grant => grant.SubjectId);
            row.HasIndex(grant => grant.Sid);
            row.HasIndex(grant => grant.ForgetAt);
        });
        model.Entity<AuthorizationCode>(row =>
        {
            row.ToTable("AuthorizationCodes").HasKey(code => code.Hash);
            row.HasIndex(code => code.ForgetAt);
        });
        model.Entity<DeviceCode>(row =>
        {
            row.ToTable("DeviceCodes").HasKey(code => code.Hash);
            row.HasIndex(code => code.UserCodeHash).IsUnique();
            row.HasIndex(code => code.ForgetAt);
        });
        model.Entity<RefreshFamily>(row =>
        {
            row.ToTable("RefreshFamilies").HasKey(family => family.Id);
            row.HasIndex(family => family.Gid);
            row.HasIndex(family => family.AbsoluteEndsAt);
        });
        model.Entity<UsedProof>(row =>
        {
            row.ToTable("UsedProofs").HasKey(used => used.Hash);
            row.HasIndex(used => used.ForgetAt);
        });
    }

    private static void Happened(ModelBuilder model)
    {
        model.Entity<Revocation>(row =>
        {
            row.ToTable("Revocations").HasKey(revocation => revocation.Seq);
            row.Property(revocation => revocation.Seq).ValueGeneratedNever();
            row.HasIndex(revocation => new { revocation.Kind, revocation.Value });
            row.HasIndex(revocation => revocation.ForgetAfter);
        });
        model.Entity<OutboxMessage>(row =>
        {
            row.ToTable("Outbox").HasKey(message => message.Id);
            row.HasIndex(message => new { message.DoneAt, message.DueAt });
            row.HasIndex(message => new { message.Recipient, message.CreatedAt });
        });
        model.Entity<AuditRow>(row =>
        {
            row.ToTable("Audit").HasKey(audit => audit.Seq);
            row.HasIndex(audit => audit.At);
            row.HasIndex(audit => audit.Target);
        });
    }
}
