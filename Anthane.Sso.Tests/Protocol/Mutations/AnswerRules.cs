using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>What every answer keeps to, whatever was asked.</summary>
internal static partial class AnswerRules
{
    /// <summary>The registered error codes (IANA OAuth Extensions Error, RFC 6749, 6750, 7591, 8628, 8707, 9126, 9449, OpenID Connect Core), and two of ours that stand beside a status.</summary>
    private static readonly string[] Codes =
    [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_target", "invalid_token",
        "insufficient_scope", "unsupported_response_type", "access_denied", "login_required", "consent_required", "interaction_required", "account_selection_required",
        "unmet_authentication_requirements", "request_not_supported", "request_uri_not_supported", "invalid_request_uri", "invalid_dpop_proof", "use_dpop_nonce",
        "authorization_pending", "slow_down", "expired_token", "invalid_redirect_uri", "invalid_client_metadata", "temporarily_unavailable",
        "request_too_large", "reset",
    ];

    /// <summary>What the web server itself refuses, before anybody looks at the parameters.</summary>
    private static readonly int[] OfTheWebServer = [400, 403, 404, 405, 411, 413, 414, 415, 417, 431];

    /// <summary>What is wrong with the answer; null when nothing is.</summary>
    public static string? Problem(MutatedEndpoint endpoint, RawMessage answer, string issuer)
    {
        if (answer.Status is < 200 or >= 500)
        {
            return $"the status {answer.Status}";
        }

        if (answer["X-Injected"] is not null || answer["Set-Cookie"]?.Contains("injected", StringComparison.OrdinalIgnoreCase) is true || answer["Access-Control-Allow-Origin"] is not null)
        {
            return "a header that the request chose";
        }

        if (answer["Location"] is { } location && !endpoint.ReturnAddresses.Append(issuer).Any(address => location == address || location.StartsWith(address + "?", StringComparison.Ordinal) || (address == issuer && location.StartsWith(issuer + "/", StringComparison.Ordinal))) && !IsOwnPath(location))
        {
            return $"a way to {location}";
        }

        if (!endpoint.IsPublic && answer.Status < 400 && answer["Cache-Control"]?.Contains("no-store", StringComparison.Ordinal) is not true && answer.Status != 204)
        {
            return "an answer that may be kept";
        }

        return answer.Status < 400 ? null : endpoint.IsForPrograms ? JsonProblem(answer) : PageProblem(answer);
    }

    /// <summary>The code of a refusal in JSON; null when it is none.</summary>
    public static string? CodeOf(RawMessage answer)
    {
        if (answer["Content-Type"]?.StartsWith("application/json", StringComparison.Ordinal) is not true || answer.Body.Length == 0)
        {
            return null;
        }

        using var json = JsonDocument.Parse(Encoding.Latin1.GetBytes(answer.Body));
        return json.RootElement.TryGetProperty("error", out var code) ? code.GetString() : null;
    }

    private static string? JsonProblem(RawMessage answer)
    {
        if (answer.Body.Length == 0)
        {
            return OfTheWebServer.Contains(answer.Status) ? null : "a refusal without words";
        }

        // What has no endpoint is told to people.
        if (answer.Status == 404 && answer["Content-Type"]?.StartsWith("text/html", StringComparison.Ordinal) is true)
        {
            return PageProblem(answer);
        }

        if (CodeOf(answer) is not { } code || !Codes.Contains(code))
        {
            return "no registered error code";
        }

        using var json = JsonDocument.Parse(Encoding.Latin1.GetBytes(answer.Body));
        return !Legal().IsMatch(json.RootElement.GetProperty("error_description").GetString()!) ? "a description with characters that RFC 6749 section 5.2 forbids"
            : answer["Cache-Control"]?.Contains("no-store", StringComparison.Ordinal) is not true ? "a refusal that may be kept"
            : answer["X-Support-Id"] is null && code != "reset" ? "no support id"
            : null;
    }

    private static string? PageProblem(RawMessage answer) =>
        answer.Body.Length == 0 ? OfTheWebServer.Contains(answer.Status) ? null : "a refusal without words"
        : answer["X-Support-Id"] is { } id && answer.Body.Contains($"id=\"support\">{id}<", StringComparison.Ordinal) ? null
        : OfTheWebServer.Contains(answer.Status) && answer.Body.Contains("id=\"support\">", StringComparison.Ordinal) ? null
        : "no support id on the page";

    private static bool IsOwnPath(string location) => location.StartsWith('/') && !location.StartsWith("//", StringComparison.Ordinal) && !location.StartsWith("/\\", StringComparison.Ordinal);

    [GeneratedRegex("""^[\x20-\x21\x23-\x5B\x5D-\x7E]+$""")]
    private static partial Regex Legal();
}
