using System.Globalization;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Row = Anthane.Oidc.Revocations.Revocation;

namespace Anthane.Oidc.Endpoints.RevocationFeed;

/// <summary>
/// The revocation feed: tells gateways what ended before its time, so that they can refuse tokens whose signature is still
/// good. Asked for (JSON) or followed (server-sent events), each from a sequence number on; see docs/decisions/0004.
/// </summary>
internal sealed class RevocationFeedEndpoint(ClientCallReader calls, RevocationNews news, RevocationStreamResponse streams, ILogger<RevocationFeedEndpoint> logger)
{
    private const int MostRows = 1000;
    private static readonly OidcError BadNumber = OidcError.Request("Give after as a sequence number, and limit from 1 to 1000.");

    public async Task HandleAsync(HttpContext http)
    {
        var call = HttpMethods.IsPost(http.Request.Method) ? await calls.ReadBodyOnlyAsync(http, logger) : await calls.ReadWithoutBodyAsync(http, logger);
        if (call is null)
        {
            return;
        }

        if (call.Client.IsPublic || !call.Client.Has(ClientRule.ReadRevocations))
        {
            await Answers.RefuseAsync(http, new OidcError(OidcError.UnauthorizedClient, "This client may not read the revocation feed.", "it needs the rule read_revocations"), logger, call.Client.ClientId);
            return;
        }

        if (!TryNumber(call.Form["after"], 0, long.MaxValue, 0, out var after) || !TryNumber(call.Form["limit"], 1, MostRows, MostRows, out var limit))
        {
            await Answers.RefuseAsync(http, BadNumber, logger, call.Client.ClientId);
            return;
        }

        await (WantsStream(http.Request) ? streams.SendAsync(http, call.Client, after) : AnswerAsync(http, after, (int)limit));
    }

    private async Task AnswerAsync(HttpContext http, long after, int limit)
    {
        var rows = await news.AfterAsync(after, limit);
        if (rows.Count == 0 && await news.HeadAsync() < after)
        {
            // A number that was never given: the database was restored from a copy, or is another one.
            await Answers.JsonAsync(http, StatusCodes.Status410Gone, writer =>
            {
                writer.WriteString("error", "reset");
                writer.WriteString("error_description", "This number is not of this log. Forget what you know and begin at 0.");
            });
            return;
        }

        await Answers.JsonAsync(http, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray("events");
            foreach (var row in rows)
            {
                RevocationEvent.Write(writer, row);
            }

            writer.WriteEndArray();
            writer.WriteNumber("next", rows.Count == 0 ? after : rows[^1].Seq);
        });
    }

    private static bool TryNumber(string? text, long least, long most, long otherwise, out long number)
    {
        number = otherwise;
        return text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }

    private static bool WantsStream(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
}

/// <summary>One row as readers see it. Instants are whole seconds, as in the tokens that they are compared with.</summary>
internal static class RevocationEvent
{
    public static void Write(Utf8JsonWriter writer, Row row)
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq", row.Seq);
        writer.WriteString("kind", row.Kind);
        writer.WriteString("value", row.Value);
        writer.WriteNumber("at", row.At.ToUnixTimeSeconds());
        writer.WriteNumber("forget_after", row.ForgetAfter.ToUnixTimeSeconds() + 1);
        writer.WriteEndObject();
    }
}
