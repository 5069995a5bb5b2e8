namespace Anthane.Sso.Tests.Support;

/// <summary>A clock that moves only when a test moves it. Timers fire when the moved clock passes them.</summary>
public sealed class FakeClock(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<FakeTimer> timers = [];
    private DateTimeOffset now = start ?? new DateTimeOffset(2026, 11, 25, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Whether somebody waits for an instant so far away; before that, moving the clock would wake nobody.</summary>
    public bool IsWaitedFor(TimeSpan least, TimeSpan most)
    {
        lock (gate)
        {
            return timers.Any(timer => timer.Due >= now + least && timer.Due <= now + most);
        }
    }

    /// <summary>Moves the clock and runs, in order, every timer that came due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (true)
        {
            FakeTimer? next;
            lock (gate)
            {
                next = timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                if (next is null)
                {
                    now = end;
                    return;
                }

                now = next.Due > now ? next.Due : now;
                next.Reschedule();
            }

            next.Fire();
        }
    }

    /// <summary>Moves the clock in one step, as a machine that slept: every timer that came due meanwhile fires once, whatever its period.</summary>
    public void Leap(TimeSpan by)
    {
        List<FakeTimer> due;
        lock (gate)
        {
            now += by;
            due = timers.Where(timer => timer.Due <= now).OrderBy(timer => timer.Due).ToList();
            due.ForEach(timer => timer.RescheduleFromNow());
        }

        due.ForEach(timer => timer.Fire());
    }

    private sealed class FakeTimer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                period = newPeriod;
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    Due = DateTimeOffset.MaxValue;
                    return true;
                }

                Due = clock.now + dueTime;
                clock.timers.Add(this);
            }

            return true;
        }

        public void Reschedule()
        {
            if (period <= TimeSpan.Zero)
            {
                clock.timers.Remove(this);
                Due = DateTimeOffset.MaxValue;
                return;
            }

            Due += period;
        }

        public void RescheduleFromNow()
        {
            Reschedule();
            if (Due < DateTimeOffset.MaxValue)
            {
                Due = clock.now + period;
            }
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
