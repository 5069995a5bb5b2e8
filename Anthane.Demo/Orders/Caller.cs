using System.Security.Cryptography;
using Anthane.Samples;

namespace Anthane.Demo.Orders;

/// <summary>
/// Who calls, by what the gateway signed for this service; see samples/verify-assertion. On loopback, where only this machine can call, the
/// bare headers are taken too when there is no assertion. One that does not hold is never overlooked.
/// </summary>
internal sealed class Caller(AssertionVerifier verifier, ILogger<Caller> logger)
{
    public const string Assertion = "x-jwt-assertion";

    /// <summary>The subject, or null when the request did not come through the gateway.</summary>
    public async Task<string?> FromAsync(HttpRequest request)
    {
        if (!request.Headers.ContainsKey(Assertion))
        {
            return request.Headers["x-jwt-sub"] is [{ Length: > 0 } sub] ? Uri.UnescapeDataString(sub) : null;
        }

        return await VouchedAsync(request) is { } headers ? Uri.UnescapeDataString(headers["x-jwt-sub"]) : null;
    }

    /// <summary>The identity headers that the assertion vouches for; null when it does not hold.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> VouchedAsync(HttpRequest request)
    {
        try
        {
            return await verifier.VerifyAsync(request.Headers[Assertion].ToString(), request.Method, request.Path + request.QueryString);
        }
        catch (Exception refused) when (refused is CryptographicException or HttpRequestException)
        {
            logger.LogWarning("An assertion was refused: {Reason}", refused.Message);
            return null;
        }
    }
}
