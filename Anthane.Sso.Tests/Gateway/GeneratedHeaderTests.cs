using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Protocol.Mutations;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Whatever headers a client makes up, the service sees exactly the identity of the token, or nobody's.</summary>
public sealed class GeneratedHeaderTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly string[] Own = ["x-jwt-iss", "x-jwt-sub", "x-jwt-client-id", "x-jwt-principal", "x-jwt-email", "x-jwt-name", "x-jwt-scope"];

    private static readonly string[] Names =
    [
        .. Own, "x-jwt", "x-jwt-roles", "x-jwt-assertion", "x-jwt-", "x-jwtemail", "x-anthane-subject", "x-anthane", "x-forwarded-for", "x-forwarded-user", "x-forwarded-email", "x-real-ip",
        "x-original-url", "x-envoy-original-path", "forwarded", "via", "x-mine", "connection", "te", "trailer", "cookie", "dpop", "x-http-method-override", "keep-alive", "upgrade",
    ];

    private static readonly string[] Values =
    [
        "admin", "mallory@evil.test", "", " ", "a,b", "x-jwt-email", "close, x-jwt-sub", "keep-alive, x-jwt-iss, x-jwt-email", "trailers", "127.0.0.1", "%0d%0aX-Jwt-Sub: admin", "\u00e9\u00ff", "\tx",
        "anthane-session=stolen; a=b", "websocket", "for=1.2.3.4;host=evil.test", "a\0b", "a\rb",
    ];

    private static readonly string[] Breaks = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n ", "\r\n\t", "\0\r\n"];

    [Fact]
    public Task The_service_sees_exactly_the_identity_of_the_token_or_nothing()
    {
        var token = fixture.Issuer.Token();
        return GeneratedRun.RunAsync(fixture, "headers", chance => Make(chance, token));
    }

    private (string Request, Func<RawMessage, string?> Judge) Make(Chance chance, string token)
    {
        var named = chance.Below(2) == 0;
        var lines = Enumerable.Range(0, 1 + chance.Below(6)).Select(_ => Line(chance)).ToList();
        if (named)
            lines.Insert(chance.Below(lines.Count + 1), $"Authorization: Bearer {token}\r\n");
        var target = named ? "/orders" : "/public/x";
        return ($"GET {target} HTTP/1.1\r\nHost: gateway.test\r\n{string.Concat(lines)}Connection: close\r\n\r\n", seen => Problem(seen, target, named));
    }

    private static string Line(Chance chance)
    {
        if (chance.Below(8) == 0)
        {
            var (hostile, text) = chance.OneOf(HostileTexts.Headers);
            return $"{hostile}: {text}\r\n";
        }

        var name = string.Concat(chance.OneOf(Names).Select(letter => letter switch
        {
            '-' when chance.Below(25) == 0 => chance.OneOf(["_", ".", "--", "~", " ", ""]),
            _ when chance.Below(3) == 0 => char.ToUpperInvariant(letter).ToString(),
            _ => letter.ToString(),
        }));
        return $"{name}{(chance.Below(40) == 0 ? " " : "")}:{chance.OneOf([" ", "", "  "])}{(chance.Below(4) == 0 ? chance.OneOf(Values) : "admin")}{(chance.Below(6) == 0 ? chance.OneOf(Breaks) : "\r\n")}";
    }

    /// <summary>Read as the most careless service would: letter case aside, and every other sign taken for a hyphen.</summary>
    private string? Problem(RawMessage seen, string target, bool named)
    {
        if (seen.Target != target || seen.Method != "GET")
            return "it became another request";
        var identity = seen.Headers.Select(header => (Name: Fold(header.Key), header.Value)).Where(header => header.Name.StartsWith("x-jwt", StringComparison.Ordinal) || header.Name.StartsWith("x-anthane", StringComparison.Ordinal)).Order().ToList();
        var expected = named ? Identity() : [];
        if (!identity.SequenceEqual(expected))
            return "the identity is another one";
        if (seen["X-Forwarded-For"] != "127.0.0.1" || seen["X-Forwarded-Host"] != "gateway.test" || seen["X-Forwarded-Proto"] != "http")
            return "the caller has written where it comes from";
        return seen.Headers.Any(header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) ? "the token was passed on" : null;
    }

    private List<(string Name, string Value)> Identity() =>
    [
        .. new (string Name, string Value)[]
        {
            ("x-jwt-iss", fixture.Issuer.Authority), ("x-jwt-sub", "alice-id"), ("x-jwt-client-id", "notes"), ("x-jwt-principal", "user"), ("x-jwt-email", "alice@anthane.test"),
            ("x-jwt-name", "Alice%20Liddell"), ("x-jwt-scope", "openid%20orders.read"),
        }.Order(),
    ];

    private static string Fold(string name) => string.Concat(name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
}
