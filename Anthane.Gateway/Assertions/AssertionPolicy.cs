namespace Anthane.Gateway.Assertions;

/// <summary>How a route vouches for its caller; a route that does not has none.</summary>
/// <param name="IsStrict">Binds the request's method, path and query too, so that an assertion is good for one kind of request only.</param>
/// <param name="Issuer">The gateway, as services know it.</param>
/// <param name="Service">The audience: the one service that may believe it.</param>
internal sealed record AssertionPolicy(bool IsStrict, string Issuer, string Service);
