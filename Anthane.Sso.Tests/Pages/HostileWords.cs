namespace Anthane.Sso.Tests.Pages;

/// <summary>Words that have broken out of an attribute, an element, a script, a query or an encoding somewhere.</summary>
internal static class HostileWords
{
    private static readonly string[] Words =
    [
        "<script>alert(1)</script>", "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "</title><script>x</script>", "</textarea><script>x</script>", "<iframe src=javascript:alert(1)>", "\" onclick=\"alert(1)", "' style='x:y",
        "javascript:alert(1)", "&lt;b&gt;&amp;&#x3c;", "{{7*7}}", "${7*7}", "#{7*7}", "@(1+1)", "<%= 7*7 %>", "' OR 1=1 --", "\"; DROP TABLE x; --", "%00%0d%0aSet-Cookie:x=1", "a\r\nSet-Cookie: x=1", "\u0000", "\u001b[31m", "a\tb", "\ufeffbom",
        "\u202eevil\u202c", "\u2066x\u2069", "\u200b", "Z\u0351\u0363\u0308a\u0324lgo", "李小龍 Ωμέγα עברית العربية", "👩‍👩‍👧‍👦🏳️‍🌈", "=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(1)", "../../etc/passwd", "..\\..\\x", "CON", "NULL", "undefined", "true", "0", "1e309", "NaN", "İstanbul ı", "ﬀ ﬁ", "\u00a0", "a", "  padded  ",
    ];

    public static IEnumerable<string> All => Words.Append(new string('x', 5000)).Append(new string('<', 300));
}
