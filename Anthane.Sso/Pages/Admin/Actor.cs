using System.Security.Claims;

namespace Anthane.Sso.Pages.Admin;

internal static class Actor
{
    /// <summary>Who acts, as the audit log names them.</summary>
    public static string SubjectId(this ClaimsPrincipal user) =>
        user.FindFirstValue("sub") ?? throw new InvalidOperationException("An admin page was reached without a session.");
}
