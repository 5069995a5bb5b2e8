namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>What mutations are made of.</summary>
internal static class HostileTexts
{
    /// <summary>Values, before they are encoded.</summary>
    public static readonly string[] Values =
    [
        "", " ", "null", "undefined", "0", "-1", "00", "1.0", "1e3", "2147483648", "9223372036854775808", "1e400", "NaN", "true", "*", "%", "+", "a b", "none", "code token",
        "\0", "a\0b", "\r\nX-Injected: 1", "\n", "\t", "\u202e", "e\u0301", "\u00e9", "😀", "ＡＢ", "\ufeff", "'\"><script>alert(1)</script>", "' OR 1=1 --", "../../etc/passwd",
        "https://evil.test/", "//evil.test", "javascript:alert(1)", "http://127.0.0.1:1/", "{}", "[]", "{\"a\":", "{\"id_token\":{\"acr\":{\"essential\":true,\"value\":1}}}", "[[[[[[[[[[",
        "openid openid", "offline_access", "openid  profile", "admin", "S256", "plain", "login none", "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "urn:ietf:params:oauth:request_uri:x",
    ];

    /// <summary>Pieces of wire text that are put into a value as they are.</summary>
    public static readonly string[] Pieces =
    [
        "%", "%zz", "%0", "%u0041", "%c0%ae", "%c1%81", "%ff", "%ed%a0%80", "%f4%90%80%80", "%00", "%0d%0aX-Injected:%201", "%0aSet-Cookie:%20injected=1", "%26", "%3d", "%23", "%2f..%2f",
        "%20", "+", "%09", "%e2%80%ae", "%ef%bb%bf", ";", "=", "==", ",", "?", "/", "@", "#", "\u00ff", "\u00c3\u0028", "%2500", "%25",
    ];

    /// <summary>Header lines that promise more than they may.</summary>
    public static readonly (string Name, string Value)[] Headers =
    [
        ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-For", "x"), ("Forwarded", "host=evil.test;proto=https"),
        ("X-Original-URL", "/admin"), ("X-Rewrite-URL", "/admin"), ("X-HTTP-Method-Override", "DELETE"), ("X-HTTP-Method", "GET"), ("Origin", "https://evil.test"), ("Origin", "null"),
        ("Referer", "https://evil.test/"), ("Cookie", "anthane-session=; anthane-session=x; a"), ("Cookie", "anthane-browser=\u00ff"), ("Cookie", ";;;=;"), ("Accept", "*/*;q=x"),
        ("Accept", "application/jwt"), ("Accept-Encoding", "gzip;q=9, x"), ("Accept-Language", "\u00ff"), ("Content-Encoding", "gzip"), ("Content-Language", "x"), ("If-Match", "*"),
        ("If-None-Match", "*"), ("If-Modified-Since", "never"), ("Range", "bytes=0-0"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Purpose", "prefetch"), ("User-Agent", ""),
        ("X-Client-Cert", "MIIB"), ("Client-Cert", ":MIIB:"), ("X-Jwt-Sub", "admin"), ("DPoP", "x"), ("DPoP", "a.b.c"), ("Content-Type", "application/json"), ("Authorization", "Bearer x"),
        ("Authorization", "Basic eDp5"), ("Authorization", ""), ("Host", "evil.test"), ("Host", "localhost, evil.test"), ("Last-Event-ID", "-1"), ("Expect", "x"), ("Upgrade", "h2c"),
    ];

    public static readonly string?[] ContentTypes =
    [
        null, "", "text/plain", "application/json", "application/jwt", "multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx", "application/x-www-form-urlencoded, text/plain",
        "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=iso-8859-1", "application/x-www-form-urlencoded; charset=x; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED", "application/x-www-form-urlencoded;charset=UTF-8", "x", "/", "application/json; charset=utf-16", "application/merge-patch+json", "APPLICATION/JSON", "application/json;charset=utf-8",
    ];

    public static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "post", "get", "Post", "PROPFIND", "X"];
}
