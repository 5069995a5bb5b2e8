namespace Anthane.Gateway.Routing;

/// <summary>One route of an aggregate, called for the aggregate's address: the same demands, limits and service, another upstream template.</summary>
/// <param name="Key">The member of the answer that holds what the service said.</param>
/// <param name="Route">The route with the aggregate's placeholders in place of its own.</param>
/// <param name="Counted">The route as it stands in the file, so that its limit counts calls of both kinds together.</param>
internal sealed record AggregateLeg(string Key, Route Route, Route Counted);
