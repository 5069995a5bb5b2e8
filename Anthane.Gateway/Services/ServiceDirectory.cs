using System.Collections.Concurrent;

namespace Anthane.Gateway.Services;

/// <summary>Every service with state, by its settings: routes that are the same after a reload find their hosts as they left them.</summary>
internal sealed class ServiceDirectory(TimeProvider clock, ILogger<ServiceDirectory> logger)
{
    private readonly ConcurrentDictionary<string, Service> services = new(StringComparer.Ordinal);

    public IEnumerable<Service> All => services.Values;

    public Service Of(ServiceSettings settings) => services.GetOrAdd(settings.Id, static (_, made) => new Service(made.settings, made.clock, made.logger), (settings, clock, logger));

    /// <summary>Told at the start and after each reload: these are in use and no others.</summary>
    public void Use(IEnumerable<ServiceSettings> inUse)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var settings in inUse)
        {
            kept.Add(settings.Id);
            Of(settings);
        }

        foreach (var gone in services.Keys.Where(id => !kept.Contains(id)))
        {
            if (services.TryRemove(gone, out var service))
            {
                foreach (var host in service.Hosts)
                    host.Forget();
            }
        }
    }

    /// <summary>Services of which a host is out, in words without addresses: anybody may read them.</summary>
    public IEnumerable<string> Troubles() =>
        from service in services.Values
        let inUse = service.Hosts.Count(host => host.IsHealthy && host.LetsThrough)
        where inUse < service.Hosts.Count
        orderby service.Settings.Name
        select $"{service.Settings.Name}: {inUse} of {service.Hosts.Count} hosts in use";
}
