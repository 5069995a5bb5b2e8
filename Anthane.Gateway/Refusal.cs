namespace Anthane.Gateway;

/// <summary>
/// Why the gateway answers itself. The client reads the title and the detail, which say little; the reason is for the log, which says all;
/// the two never mix.
/// </summary>
internal sealed record Refusal
{
    private const string DpopAlgorithms = $"algs=\"{Authentication.DpopProof.Algorithms}\"";

    public required int Status { get; init; }

    public required string Title { get; init; }

    public required string Detail { get; init; }

    public required string Reason { get; init; }

    /// <summary>WWW-Authenticate (RFC 6750 §3), on each 401 and 403.</summary>
    public string? Challenge { get; init; }

    /// <summary>Seconds, for Retry-After.</summary>
    public long? RetryAfter { get; init; }

    /// <summary>For Allow, on a 405.</summary>
    public string? Allow { get; init; }

    public static Refusal BadRequest(string reason) => new()
    {
        Status = StatusCodes.Status400BadRequest,
        Title = "The request is not acceptable",
        Detail = $"The gateway does not pass it on: {reason}.",
        Reason = reason,
    };

    public static Refusal TwoTokens() => BadRequest("there is more than one Authorization header") with { Challenge = "Bearer error=\"invalid_request\"" };

    public static Refusal MethodNotAllowed(string allow) => new()
    {
        Status = StatusCodes.Status405MethodNotAllowed,
        Title = "The method is not allowed",
        Detail = "The gateway does not pass requests of this method on.",
        Reason = "the method is not on the list",
        Allow = allow,
    };

    public static Refusal NoRoute() => new()
    {
        Status = StatusCodes.Status404NotFound,
        Title = "Nothing is here",
        Detail = "No route of the gateway has this address and method.",
        Reason = "no route matches",
    };

    public static Refusal NoToken(string reason) => new()
    {
        Status = StatusCodes.Status401Unauthorized,
        Title = "A token is needed",
        Detail = "Send an access token in the Authorization header: Bearer, one blank, the token.",
        Reason = reason,
        Challenge = "Bearer",
    };

    public static Refusal InvalidToken(string reason) => new()
    {
        Status = StatusCodes.Status401Unauthorized,
        Title = "The token is not accepted",
        Detail = "It has expired, was not issued for this service, or is not a valid access token. Get a new one.",
        Reason = reason,
        Challenge = "Bearer error=\"invalid_token\", error_description=\"The access token is expired, not for this service, or invalid\"",
    };

    /// <summary>A token that is bound to a key was sent without a proof; RFC 9449 §7.1 has both challenges in one answer.</summary>
    public static Refusal BoundToken(string reason)
    {
        var refusal = InvalidToken(reason);
        return refusal with { Challenge = $"{refusal.Challenge}, DPoP error=\"invalid_token\", error_description=\"The token needs a proof of its key\", {DpopAlgorithms}" };
    }

    public static Refusal UnboundToken() => InvalidToken("it came by the scheme DPoP and is not bound to a key") with
    {
        Challenge = $"DPoP error=\"invalid_token\", error_description=\"The token is not bound to a key\", {DpopAlgorithms}",
    };

    public static Refusal BadProof(string reason) => new()
    {
        Status = StatusCodes.Status401Unauthorized,
        Title = "The proof is not accepted",
        Detail = "Send one fresh DPoP proof with the request, made by the key that the token is bound to, for this method and address.",
        Reason = $"DPoP: {reason}",
        Challenge = $"DPoP error=\"invalid_dpop_proof\", error_description=\"The proof is missing, used, too old, or not for this request\", {DpopAlgorithms}",
    };

    public static Refusal Forbidden(string reason, string detail, IReadOnlyList<string> scopes) => new()
    {
        Status = StatusCodes.Status403Forbidden,
        Title = "The token does not allow this",
        Detail = detail,
        Reason = reason,
        Challenge = "Bearer error=\"insufficient_scope\"" + (scopes.Count == 0 ? "" : $", scope=\"{string.Join(' ', scopes)}\""),
    };

    public static Refusal ForbiddenAddress() => new()
    {
        Status = StatusCodes.Status403Forbidden,
        Title = "This network may not call this",
        Detail = "The address that the request comes from is not allowed here.",
        Reason = "the address of the connection is not among those of the route's SecurityOptions",
        Challenge = "Bearer",
    };

    public static Refusal Unavailable(string reason) => new()
    {
        Status = StatusCodes.Status503ServiceUnavailable,
        Title = "Tokens cannot be checked right now",
        Detail = "The gateway has no keys of the sign-on service yet. Try again in a few seconds.",
        Reason = reason,
        RetryAfter = 2,
    };

    public static Refusal TooMany(string reason, TimeSpan retryAfter) => new()
    {
        Status = StatusCodes.Status429TooManyRequests,
        Title = "Too many requests",
        Detail = "The limit for this caller is used up for now. Retry-After says when to come back.",
        Reason = reason,
        RetryAfter = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds)),
    };

    public static Refusal Paused(string reason, TimeSpan left) => OfService(StatusCodes.Status503ServiceUnavailable, "The service is left alone for a while", reason) with
    {
        Detail = "It failed too often. Retry-After says when it is tried again.",
        RetryAfter = Math.Max(1, (long)Math.Ceiling(left.TotalSeconds)),
    };

    public static Refusal OfService(int status, string title, string reason) => new()
    {
        Status = status,
        Title = title,
        Detail = "The service behind the gateway did not give an answer.",
        Reason = reason,
    };
}
