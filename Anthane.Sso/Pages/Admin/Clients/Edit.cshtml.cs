using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Hosting;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>One client: its settings, its secrets, what was done to it, and its end.</summary>
internal sealed class EditModel(ClientAdmin clients, ApiAdmin apis, LogoutStatus logout, History history, SsoSettings settings) : PageModel
{
    private const int SignOutsShown = 20;

    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    [BindProperty]
    public ClientForm Form { get; set; } = new();

    public Client Client { get; private set; } = null!;

    public ClientFormView View { get; private set; } = null!;

    public IReadOnlyList<ClientSecret> Secrets { get; private set; } = [];

    public IReadOnlyList<LogoutMessageStatus> SignOuts { get; private set; } = [];

    public IReadOnlyList<HistoryEntry> History { get; private set; } = [];

    public string Issuer => settings.Issuer;

    /// <summary>A secret made by the request before this one: read once.</summary>
    public string? Secret { get; private set; }

    public string? SecretProblem { get; private set; }

    public bool Stale { get; private set; }

    /// <summary>The secrets that the page shows; a button pressed twice must not make a second one that nobody sees.</summary>
    public string SecretIds => string.Join(' ', Secrets.Select(secret => secret.Id));

    private string Here => LocalPath.With("/admin/clients/edit", ("id", Id));

    public async Task<IActionResult> OnGetAsync()
    {
        if (!await LoadAsync())
        {
            return NotFound();
        }

        Secret = this.TakeOnce("Secret");
        return await ShowAsync(ClientForm.Of(Client));
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!await LoadAsync())
        {
            return NotFound();
        }

        if (Client.IsFromDocument)
        {
            return BadRequest();
        }

        (Form.Kind, Form.ClientId) = (Client.Kind, Client.ClientId);
        if (!ModelState.IsValid)
        {
            return await AgainAsync(StatusCodes.Status400BadRequest);
        }

        var change = await clients.UpdateAsync(Form.ToClient(Client), User.SubjectId());
        if (change.Saved)
        {
            return this.Then(Here, "Saved.");
        }

        this.Show(change.Problems.Where(problem => problem.Field != nameof(Client.Version)));
        Stale = change.Problems.Any(problem => problem.Field == nameof(Client.Version));
        return await AgainAsync(Stale ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status400BadRequest);
    }

    public async Task<IActionResult> OnPostAddSecretAsync(string? seen)
    {
        ModelState.Clear();
        if (!await LoadAsync())
        {
            return NotFound();
        }

        if ((seen ?? "") != SecretIds)
        {
            SecretProblem = "The secrets changed after you opened this page. Look at them again. If a new one was made and you did not see it, remove it and make another.";
            return await ShowAsync(ClientForm.Of(Client), StatusCodes.Status409Conflict);
        }

        var change = await clients.AddSecretAsync(Id, User.SubjectId());
        if (!change.Saved)
        {
            SecretProblem = string.Join(" ", change.Problems.Select(problem => problem.Message));
            return await ShowAsync(ClientForm.Of(Client), StatusCodes.Status409Conflict);
        }

        TempData["Secret"] = change.Secret;
        return new SeeOther(Here);
    }

    public async Task<IActionResult> OnPostRemoveSecretAsync(string? secretId)
    {
        var removed = await clients.RemoveSecretAsync(Id, secretId ?? "", User.SubjectId());
        return this.Then(Here + "#secrets", removed ? "The secret is removed." : "That secret was gone already.");
    }

    public Task<IActionResult> OnPostDisableAsync() => SetEnabledAsync(false);

    public Task<IActionResult> OnPostEnableAsync() => SetEnabledAsync(true);

    private async Task<IActionResult> SetEnabledAsync(bool enabled)
    {
        await clients.SetEnabledAsync(Id, enabled, User.SubjectId());
        return this.Then(Here, enabled ? "The client is enabled." : "The client is disabled.");
    }

    private async Task<bool> LoadAsync()
    {
        if (Id.Length == 0 || await clients.FindAsync(Id) is not { } found)
        {
            return false;
        }

        Client = found;
        Secrets = await clients.SecretsAsync(Id);
        return true;
    }

    private async Task<IActionResult> AgainAsync(int status)
    {
        var stored = Stale ? ClientForm.Differences(Form, ClientForm.Of(Client)) : null;
        if (Stale)
        {
            Form.Version = Client.Version;
        }

        return await ShowAsync(Form, status, stored);
    }

    private async Task<IActionResult> ShowAsync(ClientForm form, int status = StatusCodes.Status200OK, IReadOnlyDictionary<string, string>? stored = null)
    {
        Response.StatusCode = status;
        View = await ClientFormView.OfAsync(form, isNew: false, apis, stored);
        SignOuts = await logout.ListAsync(Id, SignOutsShown);
        History = await history.OfAsync(Id, HttpContext.RequestAborted);
        return Page();
    }
}
