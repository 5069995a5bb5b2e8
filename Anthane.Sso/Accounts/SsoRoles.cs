namespace Anthane.Sso.Accounts;

/// <summary>Roles that this server itself gives a meaning. Any other role is for the applications that read it.</summary>
public static class SsoRoles
{
    /// <summary>May use the pages under <c>/admin</c>.</summary>
    public const string Admin = "admin";
}
