using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin;

internal static class RuleProblems
{
    /// <summary>Puts each problem beside the field that it is about.</summary>
    public static void Show(this PageModel page, IEnumerable<RuleProblem> problems)
    {
        foreach (var problem in problems)
        {
            page.ModelState.AddModelError("Form." + problem.Field, problem.Message);
        }
    }
}
