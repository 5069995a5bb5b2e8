using Anthane.Gateway.Hosting;
using Anthane.Gateway.Limits;

namespace Anthane.Gateway.Routing;

/// <summary>RateLimitOptions of a route or of all routes, with Ocelot's older names. What is null was not said.</summary>
internal sealed record RateLimitSection
{
    public required SettingsReader Reader { get; init; }

    public bool? Enabled { get; init; }

    public bool? EnableHeaders { get; init; }

    public string? ClientIdHeader { get; init; }

    public IReadOnlyList<string>? ClientWhitelist { get; init; }

    public long? Limit { get; init; }

    public string? PeriodText { get; init; }

    public string? WaitText { get; init; }

    public long? StatusCode { get; init; }

    public string? QuotaMessage { get; init; }

    public string? Algorithm { get; init; }

    public long? Burst { get; init; }

    public string? Per { get; init; }

    public IReadOnlyList<string> RouteKeys { get; init; } = [];

    public static RateLimitSection? Read(SettingsReader? reader)
    {
        if (reader is null)
            return null;
        var oldWait = reader.Text("PeriodTimespan");
        var enabled = reader.Flag("EnableRateLimiting");
        var section = new RateLimitSection
        {
            Reader = reader,
            Enabled = enabled,
            EnableHeaders = reader.Flag("DisableRateLimitHeaders") is { } disabled ? !disabled : reader.Flag("EnableHeaders"),
            ClientIdHeader = reader.Text("ClientIdHeader"),
            ClientWhitelist = reader.Texts("ClientWhitelist"),
            Limit = reader.Number("Limit", enabled == false ? 0 : 1, long.MaxValue),
            PeriodText = reader.Text("Period"),
            WaitText = oldWait is null ? reader.Text("Wait") : oldWait + "s",
            StatusCode = reader.Number("HttpStatusCode", 400, 599) ?? reader.Number("StatusCode", 400, 599),
            QuotaMessage = reader.Text("QuotaExceededMessage") ?? reader.Text("QuotaMessage"),
            Algorithm = reader.Text("Algorithm"),
            Burst = reader.Number("Burst", 1, int.MaxValue),
            Per = reader.Text("Per"),
            RouteKeys = reader.Texts("RouteKeys") ?? [],
        };

        // Counters here are per route object, so that a prefix has nothing to keep apart.
        _ = reader.Text("KeyPrefix") ?? reader.Text("RateLimitCounterPrefix");
        foreach (var known in new[] { "EnableHeaders", "Wait", "StatusCode", "QuotaMessage", "RateLimitCounterPrefix" })
            _ = reader.Has(known);
        reader.ReportUnknown();
        return section;
    }

    public static RateLimitSection? Combine(RateLimitSection? own, RateLimitSection? global, string? routeKey)
    {
        if (global is null || (global.RouteKeys.Count > 0 && (routeKey is null || !global.RouteKeys.Contains(routeKey))))
            return own;

        // Without a limit of its own it only says how the routes' limits are told, as all global ones did in older Ocelots.
        return own?.Or(global) ?? (global.Reader.Has("Limit") ? global : null);
    }

    /// <summary>The limit, or null when there is none or it is wrong.</summary>
    public RouteLimit? Build()
    {
        if (Enabled == false)
            return null;
        var periodText = PeriodText ?? "1s";
        var period = Parse("Period", periodText);
        var wait = WaitText is null ? TimeSpan.Zero : Parse("Wait", WaitText);
        if (Limit is null && !Reader.Has("Limit"))
            Reader.Error("Limit", "is missing: how many requests a period may have");
        if (Limit is null || period is null || wait is null)
            return null;
        if (period <= TimeSpan.Zero)
        {
            Reader.Error("Period", "must be longer than nothing");
            return null;
        }

        return new RouteLimit
        {
            Rule = new LimitRule(Limit.Value, period.Value, wait.Value, ReadBurst()),
            Per = ReadPer(),
            PeriodText = periodText,
            ClientIdHeader = ClientIdHeader ?? "Oc-Client",
            ClientWhitelist = ClientWhitelist ?? [],
            EnableHeaders = EnableHeaders ?? true,
            StatusCode = (int)(StatusCode ?? StatusCodes.Status429TooManyRequests),
            QuotaMessage = QuotaMessage,
        };
    }

    private long ReadBurst()
    {
        if (Algorithm is not (null or "FixedWindow" or "TokenBucket"))
            Reader.Error("Algorithm", $"'{Algorithm}' must be FixedWindow or TokenBucket");
        if (Burst is not null && Algorithm != "TokenBucket")
            Reader.Error("Burst", "is the size of a bucket and needs \"Algorithm\": \"TokenBucket\"");
        return Algorithm == "TokenBucket" ? Burst ?? Limit!.Value : 0;
    }

    private LimitPer ReadPer()
    {
        if (Per is null || Enum.GetNames<LimitPer>().Contains(Per))
            return Per is null ? LimitPer.Caller : Enum.Parse<LimitPer>(Per);
        Reader.Error("Per", $"'{Per}' must be {string.Join(", ", Enum.GetNames<LimitPer>())}");
        return LimitPer.Caller;
    }

    private TimeSpan? Parse(string name, string text)
    {
        if (Period.TryParse(text, out var period))
            return period;
        Reader.Error(name, $"'{text}' must be a number with ms, s, m, h or d");
        return null;
    }

    private RateLimitSection Or(RateLimitSection outer) => this with
    {
        Enabled = Enabled ?? outer.Enabled,
        EnableHeaders = EnableHeaders ?? outer.EnableHeaders,
        ClientIdHeader = ClientIdHeader ?? outer.ClientIdHeader,
        ClientWhitelist = ClientWhitelist ?? outer.ClientWhitelist,
        Limit = Limit ?? outer.Limit,
        PeriodText = PeriodText ?? outer.PeriodText,
        WaitText = WaitText ?? outer.WaitText,
        StatusCode = StatusCode ?? outer.StatusCode,
        QuotaMessage = QuotaMessage ?? outer.QuotaMessage,
        Algorithm = Algorithm ?? outer.Algorithm,
        Burst = Burst ?? outer.Burst,
        Per = Per ?? outer.Per,
    };
}
