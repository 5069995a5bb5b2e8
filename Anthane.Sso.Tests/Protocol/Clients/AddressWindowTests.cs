using System.Diagnostics;
using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>Counting by address: exact within a window, bounded in memory, and never a walk over all addresses.</summary>
public sealed class AddressWindowTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakeClock clock = new();

    [Fact]
    public void A_window_begins_with_the_first_event_and_ends_as_a_whole()
    {
        var window = new AddressWindow(clock, Minute, 100);
        Assert.Equal(1, window.Count(Address(1)));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(2, window.Count(Address(1)));
        Assert.Equal(1, window.Count(Address(2)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, window.Of(Address(1)));
        Assert.Equal(1, window.Of(Address(2)));
        Assert.Equal(1, window.Count(Address(1)));
        Assert.Equal(2, window.Count(Address(2)));
    }

    [Fact]
    public void A_mapped_IPv4_address_is_the_address_itself()
    {
        var window = new AddressWindow(clock, Minute, 100);
        window.Count(IPAddress.Parse("::ffff:192.0.2.1"));
        Assert.Equal(1, window.Of(IPAddress.Parse("192.0.2.1")));
        Assert.Equal(0, window.Of(IPAddress.Parse("192.0.2.2")));
    }

    [Fact]
    public void However_many_addresses_come_no_more_are_remembered_than_the_bound_and_the_latest_are_among_them()
    {
        var window = new AddressWindow(clock, Minute, 100);
        for (var i = 0; i < 1000; i++)
        {
            window.Count(Address(i));
            Assert.InRange(window.Size, 1, 100);
        }

        Assert.All(Enumerable.Range(950, 50), i => Assert.Equal(1, window.Of(Address(i))));
    }

    [Fact]
    public void What_is_past_is_let_go_with_the_windows()
    {
        var window = new AddressWindow(clock, Minute, 100);
        for (var i = 0; i < 40; i++)
        {
            window.Count(Address(i));
        }

        clock.Advance(Minute);
        window.Count(Address(1000));
        clock.Advance(Minute);
        window.Count(Address(1000));
        Assert.InRange(window.Size, 1, 2);
    }

    [Fact]
    public void TK_03_a_full_table_of_failures_stays_bounded_and_as_fast_as_an_empty_one()
    {
        var throttle = new ClientThrottle(clock);
        Fail(throttle, 0, ClientThrottle.MostAddresses);
        var taken = Stopwatch.StartNew();
        Fail(throttle, ClientThrottle.MostAddresses, 4 * ClientThrottle.MostAddresses);

        // A table that were walked, or even sized, at every failure would take minutes.
        Assert.InRange(taken.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(throttle.Count, 1, ClientThrottle.MostAddresses);
    }

    private static void Fail(ClientThrottle throttle, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            throttle.CountFailure(Address(i));
        }
    }

    private static IPAddress Address(int i) => new(0x0100_0000L + i);
}
