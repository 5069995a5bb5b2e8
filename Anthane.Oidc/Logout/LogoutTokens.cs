using System.Text.Json;
using System.Buffers;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Subjects;

namespace Anthane.Oidc.Logout;

/// <summary>
/// Makes logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): they say to one client that a session of its own
/// has ended, and nothing else. It knows no requests and sends nothing.
/// </summary>
internal sealed class LogoutTokens(KeyRing keys, OidcOptions options, TimeProvider clock)
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    /// <summary>Section 2.4: preferably at most two minutes, so that a captured one is of little use.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    public ValueTask<string> IssueAsync(Client client, LogoutMessage message)
    {
        var now = clock.GetUtcNow();
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("iss", options.Issuer);
            writer.WriteString("aud", client.ClientId);
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            writer.WriteNumber("exp", (now + Lifetime).ToUnixTimeSeconds());
            writer.WriteString("jti", RandomText.Id());
            writer.WriteString("sub", SubjectIdentifiers.For(client, message.SubjectId));
            writer.WriteString("sid", message.Sid);
            writer.WriteStartObject("events");
            writer.WriteStartObject(Event);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return keys.SignAsync(buffer.WrittenMemory, TokenTypes.LogoutToken, client.SigningAlgorithm);
    }
}
