using System.Security.Cryptography;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>
/// Registers a client in two steps: what it is, then the rest. The id is chosen when the form is opened, so that a form sent
/// twice registers one client.
/// </summary>
internal sealed class NewModel(ClientAdmin clients, ApiAdmin apis) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "kind")]
    public string Kind { get; set; } = "";

    [BindProperty]
    public ClientForm Form { get; set; } = new();

    public ClientFormView? View { get; private set; }

    public async Task OnGetAsync()
    {
        if (!ReadKind())
        {
            return;
        }

        Form.ClientId = RandomNumberGenerator.GetHexString(16, lowercase: true);
        Form.GrantTypes = [.. ClientGrant.DefaultsOf(Form.Kind)];
        Form.Scopes = Form.Kind is ClientKind.Service ? [] : ["openid", "profile", "email"];
        View = await ClientFormView.OfAsync(Form, isNew: true, apis);
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!ReadKind())
        {
            return new SeeOther("/admin/clients/new");
        }

        if (ModelState.IsValid)
        {
            var change = await clients.CreateAsync(Form.ToClient(), User.SubjectId());
            if (change.Saved)
            {
                if (change.Secret is { } secret)
                {
                    TempData["Secret"] = secret;
                }

                return this.Then(LocalPath.With("/admin/clients/edit", ("id", change.ClientId)), "The client is registered.");
            }

            this.Show(change.Problems);
        }

        View = await ClientFormView.OfAsync(Form, isNew: true, apis);
        return this.Again();
    }

    private bool ReadKind()
    {
        if (!Enum.TryParse<ClientKind>(Kind, out var kind) || !Enum.IsDefined(kind))
        {
            return false;
        }

        Form.Kind = kind;
        ModelState.Remove(nameof(Kind));
        return true;
    }
}
