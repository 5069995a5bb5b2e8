using Anthane.Oidc.Clients;
using Anthane.Oidc.Registration;
using Anthane.Sso.Pages.Shared;

namespace Anthane.Sso.Pages.Admin.Registration;

/// <summary>An initial access token as it is typed. Nothing is judged here; <see cref="RegistrationAdmin"/> does.</summary>
internal sealed class RegistrationForm
{
    public string Label { get; set; } = "";

    public string Profile { get; set; } = ClientProfile.Default.Name;

    public int Uses { get; set; } = 1;

    public int Days { get; set; } = 7;

    public string Scopes { get; set; } = "openid profile email";

    public List<string> GrantTypes { get; set; } = [ClientGrant.AuthorizationCode, ClientGrant.RefreshToken];

    public InitialAccess ToAccess() => new(Label.Trim(), Profile, Lines.Words(Scopes), GrantTypes, Uses, TimeSpan.FromDays(Math.Clamp(Days, 0, 100_000)));
}
