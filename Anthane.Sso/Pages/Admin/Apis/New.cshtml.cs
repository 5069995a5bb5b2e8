using Anthane.Oidc.Administration;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Apis;

/// <summary>Registers an API with its scopes.</summary>
internal sealed class NewModel(ApiAdmin apis) : PageModel
{
    [BindProperty]
    public ApiForm Form { get; set; } = new();

    public void OnGet()
    {
        Form.Claims = ["email", "email_verified", "name", "roles"];
        Form.WithSpareRows();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (ModelState.IsValid)
        {
            var api = Form.ToApi();
            var problems = await apis.CreateAsync(api, Form.ToScopes(), User.SubjectId());
            if (problems.Count == 0)
            {
                return this.Then(LocalPath.With("/admin/apis/edit", ("id", api.Audience)), "The API is registered. Below are the lines for the gateway.");
            }

            this.Show(problems);
        }

        return this.Again();
    }
}
