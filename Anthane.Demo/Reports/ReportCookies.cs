namespace Anthane.Demo.Reports;

/// <summary>
/// The cookies of this app. All are Lax: the answer to a sign-in comes as a POST from another site, which brings no Lax
/// cookie, and None would need https and be a third-party cookie. So the POST needs no cookie: it is kept and answered with
/// a redirect to a GET, which brings them. See <see cref="SignInEndpoints"/>.
/// </summary>
internal sealed class ReportCookies(ReportsOptions options)
{
    private readonly bool secure = options.Address.StartsWith("https:", StringComparison.Ordinal);

    // Names of their own, since cookies of one host are shared by all its ports.
    private string SessionName => Named("reports-session");

    private string SigningOutName => Named("reports-signing-out");

    public string? Session(HttpContext http) => http.Request.Cookies[SessionName];

    public void KeepSession(HttpContext http, string secret) => Keep(http, SessionName, secret, null);

    public void DropSession(HttpContext http) => Drop(http, SessionName);

    /// <summary>One for each sign-in, so that two tabs can be on their way at once.</summary>
    public string? SignIn(HttpContext http, PendingSignIn signIn) => http.Request.Cookies[SignInName(signIn)];

    public void KeepSignIn(HttpContext http, PendingSignIn signIn) => Keep(http, SignInName(signIn), signIn.BrowserSecret, PendingSignIns.Lifetime);

    public void DropSignIn(HttpContext http, PendingSignIn signIn) => Drop(http, SignInName(signIn));

    public void KeepSigningOut(HttpContext http, string state) => Keep(http, SigningOutName, state, TimeSpan.FromMinutes(10));

    /// <summary>Whether this browser set out to sign out with that state; it is told once.</summary>
    public bool TakeSigningOut(HttpContext http, string? state)
    {
        if (state is null || http.Request.Cookies[SigningOutName] != state)
        {
            return false;
        }

        Drop(http, SigningOutName);
        return true;
    }

    private string SignInName(PendingSignIn signIn) => Named("reports-sign-in-" + signIn.State[..8]);

    private string Named(string name) => secure ? "__Host-" + name : name;

    private void Keep(HttpContext http, string name, string value, TimeSpan? life) => http.Response.Cookies.Append(name, value, Attributes(life));

    private void Drop(HttpContext http, string name) => http.Response.Cookies.Delete(name, Attributes(null));

    private CookieOptions Attributes(TimeSpan? life) => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = secure, Path = "/", MaxAge = life, IsEssential = true };
}
