using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Anthane.Sso.Accounts;

namespace Anthane.Sso.Hosting;

/// <summary>
/// How many forms one address may post in a minute on this node: a roof over the work that a stranger can order. The finer
/// limits, counted over all nodes and by account, are in <see cref="AttemptLimits"/>.
/// </summary>
internal static class RateLimits
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static bool Apply(HttpContext http) => HttpMethods.IsPost(http.Request.Method) && !Pipeline.IsProtocol(http.Request.Path) && !Pipeline.IsErrorPage(http);

    public static void AddSsoRateLimits(this IServiceCollection services, SsoSettings settings) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = ((int)Window.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return ValueTask.CompletedTask;
        };
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => Partition(http, settings));
    });

    private static RateLimitPartition<string> Partition(HttpContext http, SsoSettings settings)
    {
        var address = http.Connection.RemoteIpAddress;
        return address is not null && settings.ExemptLoopback && IPAddress.IsLoopback(address)
            ? RateLimitPartition.GetNoLimiter("loopback")
            : RateLimitPartition.GetFixedWindowLimiter(AttemptLimits.AddressText(address), _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = settings.Options.Limits.PostsPerMinute,
                Window = Window,
            });
    }
}
