using Anthane.Oidc.Administration;
using Anthane.Oidc.Resources;
using Anthane.Sso.Hosting;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Apis;

/// <summary>One API: its scopes and claims, the lines for the gateway, what was done to it, and its end.</summary>
internal sealed class EditModel(ApiAdmin apis, History history, SsoSettings settings) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    [BindProperty]
    public ApiForm Form { get; set; } = new();

    public Api Api { get; private set; } = null!;

    public ApiFormView View { get; private set; } = null!;

    public IReadOnlyList<HistoryEntry> History { get; private set; } = [];

    public string Route { get; private set; } = "";

    public string Settings { get; private set; } = "";

    public bool Stale { get; private set; }

    private IReadOnlyList<ApiScope> Scopes { get; set; } = [];

    private string Here => LocalPath.With("/admin/apis/edit", ("id", Id));

    public async Task<IActionResult> OnGetAsync() =>
        await LoadAsync() ? await ShowAsync(new ApiFormView(ApiForm.Of(Api, Scopes).WithSpareRows(), false)) : NotFound();

    public async Task<IActionResult> OnPostAsync()
    {
        if (!await LoadAsync())
        {
            return NotFound();
        }

        Form.Audience = Api.Audience;
        var problems = ModelState.IsValid ? await apis.UpdateAsync(Form.ToApi(), Form.ToScopes(), User.SubjectId()) : [];
        if (problems.Count == 0 && ModelState.IsValid)
        {
            return this.Then(Here, "Saved.");
        }

        this.Show(problems.Where(problem => problem.Field != nameof(Api.Version)));
        Stale = problems.Any(problem => problem.Field == nameof(Api.Version));
        var stored = Stale ? ApiForm.Differences(Form, ApiForm.Of(Api, Scopes)) : null;
        Form.Version = Stale ? Api.Version : Form.Version;
        return await ShowAsync(new ApiFormView(Form, false, stored), Stale ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status400BadRequest);
    }

    public Task<IActionResult> OnPostDisableAsync() => SetEnabledAsync(false);

    public Task<IActionResult> OnPostEnableAsync() => SetEnabledAsync(true);

    private async Task<IActionResult> SetEnabledAsync(bool enabled)
    {
        await apis.SetEnabledAsync(Id, enabled, User.SubjectId());
        return this.Then(Here, enabled ? "The API is enabled." : "The API is disabled.");
    }

    private async Task<bool> LoadAsync()
    {
        if (Id.Length == 0 || await apis.FindAsync(Id) is not { } found)
        {
            return false;
        }

        Api = found;
        Scopes = await apis.ScopesAsync(Id);
        return true;
    }

    private async Task<IActionResult> ShowAsync(ApiFormView view, int status = StatusCodes.Status200OK)
    {
        Response.StatusCode = status;
        View = view;
        Route = GatewaySnippet.Route(Api, Scopes);
        Settings = GatewaySnippet.Settings(Api, settings.Issuer);
        History = await history.OfAsync(Id, HttpContext.RequestAborted);
        return Page();
    }
}
