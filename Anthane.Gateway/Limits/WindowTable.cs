using System.Collections.Concurrent;

namespace Anthane.Gateway.Limits;

/// <summary>Where a caller stands after a request was counted.</summary>
internal readonly record struct LimitState(bool IsWithin, long Remaining, DateTimeOffset ResetsAt, TimeSpan RetryAfter);

/// <summary>
/// Counts requests in fixed windows or token buckets, one per kind of limit and caller. The table is bounded: when it is full of windows that still run, callers
/// that are new share one, so that a flood of names costs a flood of names its requests and not the gateway its memory.
/// </summary>
internal sealed class WindowTable(TimeProvider clock, int capacity = 100_000)
{
    private readonly ConcurrentDictionary<(object Kind, string Caller), Window> windows = new();
    private long sweptAt;

    /// <summary>Counts one request.</summary>
    public LimitState Count(object kind, string caller, LimitRule rule) => Find(kind, caller, rule).Count(rule, clock.GetUtcNow());

    /// <summary>Whether the next request would be beyond the limit.</summary>
    public LimitState Look(object kind, string caller, LimitRule rule) =>
        windows.TryGetValue((kind, caller), out var window) ? window.Look(rule, clock.GetUtcNow()) : new LimitState(true, rule.Limit, default, default);

    private Window Find(object kind, string caller, LimitRule rule)
    {
        if (windows.TryGetValue((kind, caller), out var window))
            return window;
        if (windows.Count >= capacity)
            Sweep(clock.GetUtcNow());
        return windows.GetOrAdd((kind, windows.Count >= capacity ? "" : caller), _ => new Window(rule.Refill > rule.Wait ? rule.Refill : rule.Wait));
    }

    private void Sweep(DateTimeOffset now)
    {
        var last = Interlocked.Read(ref sweptAt);
        if (now.Ticks - last < TimeSpan.TicksPerSecond || Interlocked.CompareExchange(ref sweptAt, now.Ticks, last) != last)
            return;
        foreach (var (key, window) in windows)
        {
            if (window.IsOver(now))
                windows.TryRemove(key, out _);
        }
    }

    private sealed class Window(TimeSpan keep)
    {
        private readonly Lock gate = new();
        private DateTimeOffset start = DateTimeOffset.MinValue;
        private DateTimeOffset lockedUntil = DateTimeOffset.MinValue;
        private long count;
        private double tokens = double.MaxValue;

        public LimitState Count(LimitRule rule, DateTimeOffset now)
        {
            lock (gate)
            {
                if (lockedUntil > now)
                    return new LimitState(false, 0, lockedUntil, lockedUntil - now);
                if (rule.Burst > 0)
                    return Take(rule, now);
                if (lockedUntil > DateTimeOffset.MinValue || now - start >= rule.Period)
                {
                    start = now;
                    count = 0;
                    lockedUntil = DateTimeOffset.MinValue;
                }

                count++;
                if (count <= rule.Limit)
                    return new LimitState(true, rule.Limit - count, start + rule.Period, default);
                lockedUntil = rule.Wait > TimeSpan.Zero ? now + rule.Wait : start + rule.Period;
                return new LimitState(false, 0, lockedUntil, lockedUntil - now);
            }
        }

        private LimitState Take(LimitRule rule, DateTimeOffset now)
        {
            // A new bucket is full, and one that was locked has filled meanwhile as any other.
            var since = start == DateTimeOffset.MinValue ? rule.Refill : now - start;
            tokens = Math.Min(rule.Burst, tokens + (since.Ticks / (double)rule.Period.Ticks * rule.Limit));
            start = now;
            if (tokens >= 1)
            {
                tokens--;
                return new LimitState(true, (long)tokens, now + rule.Times(rule.Burst - tokens), default);
            }

            lockedUntil = now + (rule.Wait > TimeSpan.Zero ? rule.Wait : TimeSpan.Zero);
            var retryAfter = rule.Wait > TimeSpan.Zero ? rule.Wait : rule.Times(1 - tokens);
            return new LimitState(false, 0, now + retryAfter, retryAfter);
        }

        public LimitState Look(LimitRule rule, DateTimeOffset now)
        {
            lock (gate)
            {
                var end = lockedUntil > now ? lockedUntil : start + rule.Period;
                var isUsedUp = lockedUntil > now || (now < end && count >= rule.Limit);
                return new LimitState(!isUsedUp, Math.Max(0, rule.Limit - count), end, isUsedUp ? end - now : default);
            }
        }

        public bool IsOver(DateTimeOffset now)
        {
            lock (gate)
                return lockedUntil <= now && now - start >= keep;
        }
    }
}
