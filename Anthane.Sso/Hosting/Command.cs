using Anthane.Oidc.Administration;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Sso.Accounts;
using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Hosting;

/// <summary>What the program does instead of serving, when its first argument is a word. It listens to nothing.</summary>
internal static class Command
{
    private const string Usage = """
        usage: Anthane.Sso [settings]            serves
               Anthane.Sso bootstrap [settings]  prints a one-time link that makes an admin (30 minutes)
               Anthane.Sso keys [settings]       lists the signing keys
               Anthane.Sso keys revoke KID       takes a leaked key out at once; it cannot be undone
               Anthane.Sso keys roll             lets the next key sign before its time
               Anthane.Sso keys roll now         even if not everybody has read it yet
               Anthane.Sso rewrap [settings]     wraps what is secret in the database by another master key:
                                                 Sso:NewMasterKey, Sso:NewMasterKeyFile or Sso:NewMasterKeyCertificate
        """;

    /// <summary>Takes the command away from the settings, which may follow as <c>--Sso:Issuer=…</c>.</summary>
    public static (string[] Words, string[] Settings) Split(string[] args)
    {
        var count = args.TakeWhile(IsWord).Count();
        // A key's name may begin with a dash.
        count = args is ["keys", "revoke", _, ..] ? Math.Max(count, 3) : count;
        return (args[..count], args[count..]);
    }

    public static async Task<int> RunAsync(string[] words, IServiceProvider services)
    {
        switch (words)
        {
            case ["bootstrap"]:
                return await BootstrapAsync(services);
            case ["rewrap"]:
                return await RewrapAsync(services);
            case ["keys", .. var rest]:
                await services.GetRequiredService<Migrator>().RunAsync(CancellationToken.None);
                return await KeyCommand.RunAsync(rest, services.GetRequiredService<KeyAdmin>(), Console.Out, Console.Error);
            default:
                await Console.Error.WriteLineAsync($"There is no command {string.Join(' ', words)}.\n{Usage}");
                return 1;
        }
    }

    private static bool IsWord(string arg) => !arg.StartsWith('-') && !arg.StartsWith('/') && !arg.Contains('=', StringComparison.Ordinal);

    private static async Task<int> BootstrapAsync(IServiceProvider services)
    {
        await services.GetRequiredService<Migrator>().RunAsync(CancellationToken.None);
        var link = await services.GetRequiredService<Bootstrap>().LinkAsync();
        await Console.Out.WriteLineAsync($"Open this within 30 minutes to make or recover an admin. It works once, and replaces any older one:\n\n  {link}\n");
        return 0;
    }

    private static async Task<int> RewrapAsync(IServiceProvider services)
    {
        var section = services.GetRequiredService<IConfiguration>().GetSection("Sso");
        var problems = new List<string>();
        var to = MasterKeySource.Read("Sso:NewMasterKey", section["NewMasterKey"], section["NewMasterKeyFile"], section["NewMasterKeyCertificate"], section["NewMasterKeyCertificatePassword"], problems);
        if (to is null)
        {
            throw new SsoConfigurationException(problems);
        }

        await services.GetRequiredService<Migrator>().RunAsync(CancellationToken.None);
        var from = services.GetRequiredService<SsoSettings>().MasterKey;
        await using var context = services.GetRequiredService<IDbContextFactory<SsoDb>>().CreateDbContext();
        var count = await services.GetRequiredService<StorageWriter>().WriteAsync(context, async db =>
        {
            var keys = await KeyWrapping.RewrapAsync(db, from, to) + await DataProtectionRing.RewrapAsync((SsoDb)db.Context, from, to);
            await db.Context.SaveChangesAsync();
            return keys;
        });
        await Console.Out.WriteLineAsync($"{count} keys are wrapped by the master key {to.Id} now, and no longer by {from.Id}. Give every node the new one as Sso:MasterKey and start it again.");
        return 0;
    }
}
