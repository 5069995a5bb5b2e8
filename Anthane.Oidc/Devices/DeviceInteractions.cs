using Anthane.Oidc.Clients;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Sessions;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Devices;

/// <summary>What a page may know of a device that waits (RFC 8628 section 3.3).</summary>
/// <param name="UserCode">The code as the device shows it.</param>
/// <param name="Client">The app on the device.</param>
/// <param name="IdentityScopes">The scopes of OpenID Connect asked for.</param>
/// <param name="Apis">The APIs asked for, with their scopes.</param>
/// <param name="AskedAt">When the device asked.</param>
public sealed record DeviceInteraction(string UserCode, Client Client, IReadOnlyList<string> IdentityScopes, IReadOnlyList<InteractionApi> Apis, DateTimeOffset AskedAt);

/// <summary>
/// What pages do with a device that waits: look at it, allow it, refuse it. The person is the one whose session the browser
/// has at that very moment; nothing of an earlier one counts. How often codes may be tried is for the host to limit.
/// </summary>
public sealed class DeviceInteractions
{
    private readonly DeviceCodes codes;
    private readonly ClientStore clients;
    private readonly ResourceStore resources;
    private readonly ConsentStore consents;
    private readonly BrowserSessions sessions;
    private readonly StorageWriter writer;
    private readonly TimeProvider clock;

    internal DeviceInteractions(DeviceCodes codes, ClientStore clients, ResourceStore resources, ConsentStore consents, BrowserSessions sessions, StorageWriter writer, TimeProvider clock)
    {
        this.codes = codes;
        this.clients = clients;
        this.resources = resources;
        this.consents = consents;
        this.sessions = sessions;
        this.writer = writer;
        this.clock = clock;
    }

    /// <summary>The code as devices show it, whichever way it was typed; null when it cannot be one.</summary>
    public static string? Normalize(string? typed) => UserCodes.Read(typed) is { } code ? UserCodes.Show(code) : null;

    /// <summary>The device that waits under this code; null when there is none, it is over or decided, or its app may not do this any more.</summary>
    public async Task<DeviceInteraction?> FindAsync(string? userCode)
    {
        if (UserCodes.Read(userCode) is not { } code || await codes.FindAsync(code) is not { } waiting || await ClientOfAsync(waiting) is not { } client)
        {
            return null;
        }

        var picture = await resources.PictureAsync();
        return new DeviceInteraction(UserCodes.Show(code), client, waiting.Scopes.Where(Scopes.IsOfIdentity).ToArray(), InteractionApi.Of(waiting.Scopes, picture), waiting.AskedAt);
    }

    /// <summary>The person who is signed in allows the device the scopes that they were shown.</summary>
    /// <returns>False when nobody is signed in, the device does not wait any more, or other scopes were shown than it asked for.</returns>
    public async Task<bool> ApproveAsync(HttpContext http, string? userCode, IReadOnlyCollection<string> shown)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(shown);
        if (UserCodes.Read(userCode) is not { } code
            || await sessions.CurrentAsync(http) is not { } session
            || await codes.FindAsync(code) is not { } waiting
            || !waiting.Scopes.ToHashSet(StringComparer.Ordinal).SetEquals(shown)
            || await ClientOfAsync(waiting) is not { } client)
        {
            return false;
        }

        var picture = await resources.PictureAsync();
        var grant = NewGrant(client, session, waiting.Scopes, picture);
        return await writer.WriteAsync(async db =>
        {
            if (!await codes.ApproveAsync(db, code, grant))
            {
                return false;
            }

            // So that the portal lists it and the person can withdraw it. Our own apps are not listed there.
            if (!client.FirstParty)
            {
                await consents.RememberAsync(db, session.SubjectId, client.ClientId, waiting.Scopes, picture.AudienceOf);
            }

            return true;
        });
    }

    /// <summary>The person who is signed in refuses.</summary>
    /// <returns>False when nobody is signed in, or the device does not wait any more.</returns>
    public async Task<bool> DenyAsync(HttpContext http, string? userCode)
    {
        ArgumentNullException.ThrowIfNull(http);
        return UserCodes.Read(userCode) is { } code && await sessions.CurrentAsync(http) is not null && await codes.DenyAsync(code);
    }

    /// <summary>The app that the person who is signed in has allowed under this code already, as who presses the button twice; null for everybody else.</summary>
    public async Task<Client?> FindAllowedAsync(HttpContext http, string? userCode)
    {
        ArgumentNullException.ThrowIfNull(http);
        return UserCodes.Read(userCode) is { } code
            && await sessions.CurrentAsync(http) is { } session
            && await codes.FindAllowedAsync(code, session.SubjectId) is { } clientId
                ? await clients.FindAsync(clientId)
                : null;
    }

    private async Task<Client?> ClientOfAsync(WaitingDevice waiting) =>
        await clients.FindAsync(waiting.ClientId) is { } client && client.MayUse(GrantTypes.DeviceCode) && waiting.Scopes.All(client.Scopes.Contains) ? client : null;

    private GrantRecord NewGrant(Client client, SsoSession session, IReadOnlyList<string> scopes, ResourcePicture picture)
    {
        var now = clock.GetUtcNow();
        return new GrantRecord
        {
            Gid = RandomText.Id(),
            SubjectId = session.SubjectId,
            ClientId = client.ClientId,
            Sid = session.Sid,
            SessionBound = !scopes.Contains(Scopes.OfflineAccess),
            Scopes = Scopes.Join(scopes),
            Resources = Scopes.Join(scopes.Select(picture.AudienceOf).OfType<string>().Distinct(StringComparer.Ordinal)),
            AuthTime = session.AuthTime,
            Amr = session.Amr,
            Acr = session.Acr,
            CreatedAt = now,
            ForgetAt = now + DeviceCodes.Lifetime + client.AccessTokenLifetime + TimeSpan.FromMinutes(5),
        };
    }
}
