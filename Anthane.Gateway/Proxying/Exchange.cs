using Anthane.Gateway.Services;

namespace Anthane.Gateway.Proxying;

/// <summary>One request on its way to a service with several hosts or with rules for calling them: where it is, and where it has been.</summary>
internal sealed class Exchange : IDisposable
{
    public static readonly HttpRequestOptionsKey<Exchange> Key = new("anthane.exchange");

    private readonly HttpContext context;
    private readonly StickyCookies cookies;
    private readonly string scheme;
    private readonly ServiceHost? before;
    private readonly bool isCookieFresh;
    private ulong tried;
    private int attempts;
    private bool isRetry;

    public Exchange(HttpContext context, Service service, StickyCookies cookies, string scheme, string target)
    {
        this.context = context;
        this.cookies = cookies;
        this.scheme = scheme;
        Service = service;
        Target = target;
        if (service.Settings.Sticky is { } sticky)
            before = cookies.Read(context.Request.Cookies[StickyCookies.NameOf(sticky, context.Request.IsHttps)], service, sticky, out isCookieFresh);
        Host = service.Pick(before, tried);
        Host?.Enter();
    }

    public Service Service { get; }

    /// <summary>Path and query.</summary>
    public string Target { get; }

    /// <summary>Where it is; null when the circuits of all hosts are open.</summary>
    public ServiceHost? Host { get; private set; }

    public string Prefix => $"{scheme}://{Host!.Authority}";

    /// <summary>Whether the caller went away, so that what fails now says nothing about the host.</summary>
    public bool IsAbandoned => context.RequestAborted.IsCancellationRequested;

    /// <summary>Goes on to another host, or to the same when there is only one. False when this was the last attempt.</summary>
    public bool TryMoveOn()
    {
        if (Service.Settings.Retry is not { } retry || attempts >= retry.Attempts || IsAbandoned || (!isRetry && !Service.TryStartRetry()))
            return false;
        isRetry = true;
        tried |= Host!.Bit;
        if ((Service.Pick(null, tried) ?? Service.Pick(null, 0)) is not { } next)
            return false;
        attempts++;
        next.Enter();
        Host.Leave();
        Host = next;
        return true;
    }

    /// <summary>The Set-Cookie that keeps the caller where it is now, when it does not have that already.</summary>
    public string? Cookie() =>
        Service.Settings.Sticky is not { } sticky || (ReferenceEquals(Host, before) && isCookieFresh) ? null : cookies.Write(Host!, sticky, context.Request.IsHttps);

    public void Dispose()
    {
        Host?.Leave();
        if (isRetry)
            Service.EndRetry();
    }
}
