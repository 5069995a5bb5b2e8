using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Device;

/// <summary>The device authorization endpoint (RFC 8628 section 3.1): a device that cannot show our pages asks for a code that its person types elsewhere.</summary>
internal sealed class DeviceAuthorizationEndpoint(
    ClientCallReader calls,
    DeviceCodes codes,
    ResourceStore resources,
    PendingLimits limits,
    OidcOptions options,
    ILogger<DeviceAuthorizationEndpoint> logger)
{
    public async Task PostAsync(HttpContext http)
    {
        // 1. Read the form, once. 2. Who asks?
        if (await calls.ReadBodyOnlyAsync(http, logger) is not { } call)
        {
            return;
        }

        // 3. May it, and for what? 4. Anybody can ask in the name of a public client, so these are counted like what browsers leave waiting.
        var target = await TargetAsync(call);
        if (target.Failed(out var refused, out var allowed)
            || (refused = call.Client.IsPublic ? limits.Count(http.Connection.RemoteIpAddress) : null) is not null)
        {
            await Answers.RefuseAsync(http, refused, logger, call.Client.ClientId);
            return;
        }

        // 5. Answer.
        await AnswerAsync(http, await codes.IssueAsync(call.Client, allowed));
    }

    private async ValueTask<Result<Target>> TargetAsync(ClientCall call)
    {
        if (!call.Client.MayUse(GrantTypes.DeviceCode))
        {
            return new OidcError(OidcError.UnauthorizedClient, "This client may not use the device grant.");
        }

        var picture = await resources.PictureAsync();
        return Targets.ScopesFor(call.Client, call.Form["scope"], call.Form.Resources, picture).Failed(out var error, out var scopes)
            ? error
            : Targets.Ask(call.Client, scopes, call.Form.Resources, picture);
    }

    private Task AnswerAsync(HttpContext http, DeviceCodePair pair) => Answers.JsonAsync(http, StatusCodes.Status200OK, writer =>
    {
        var (page, code) = (options.Url(options.Pages.Device), UserCodes.Show(pair.UserCode));
        writer.WriteString("device_code", pair.DeviceCode);
        writer.WriteString("user_code", code);
        writer.WriteString("verification_uri", page);
        writer.WriteString("verification_uri_complete", Answers.With(page, [("user_code", code)]));
        writer.WriteNumber("expires_in", (int)DeviceCodes.Lifetime.TotalSeconds);
        writer.WriteNumber("interval", DeviceCodes.Interval);
    });
}
