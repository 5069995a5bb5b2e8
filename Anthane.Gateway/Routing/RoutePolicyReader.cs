using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Reads what a route asks of a caller. A route that says nothing asks for a valid token.</summary>
internal sealed class RoutePolicyReader(GatewaySettings settings, GlobalOptions global)
{
    public RoutePolicy Read(SettingsReader reader, PathTemplate upstream, string? key)
    {
        var own = AuthenticationSection.Read(reader.Child("AuthenticationOptions"));
        var authentication = AuthenticationSection.Combine(own, global.Authentication, key);
        var anonymous = authentication is null ? settings.AnonymousByDefault : authentication.AllowAnonymous ?? false;
        var policy = new RoutePolicy
        {
            AllowAnonymous = anonymous,
            Issuers = authentication?.ProviderKeys ?? [],
            AllowedScopes = authentication?.AllowedScopes ?? [],
            Audiences = reader.Texts("Audiences") ?? [],
            Principal = ReadPrincipal(reader),
            Claims = ReadClaims(reader, upstream),
        };
        if (authentication is null && anonymous)
            reader.Warn("AuthenticationOptions", "are missing, so that anyone may call this route (Gateway:Compat:AnonymousByDefault)");
        if (authentication is not null)
            CheckIssuers(authentication, policy);
        CheckAudiences(reader, policy);
        if (anonymous && (own?.AllowedScopes is { Count: > 0 } || policy.Claims.Count > 0 || policy.Principal != Principal.Any))
            reader.Error("AuthenticationOptions", "allow anonymous calls, and so the scopes, claims or principal that the route asks for would never be looked at");
        return policy;
    }

    private static Principal ReadPrincipal(SettingsReader reader)
    {
        var text = reader.Text("Principal");
        switch (text?.ToUpperInvariant())
        {
            case null or "ANY":
                return Principal.Any;
            case "USER":
                return Principal.User;
            case "CLIENT":
                return Principal.Client;
            default:
                reader.Error("Principal", $"'{text}' must be user, client or any");
                return Principal.Any;
        }
    }

    private static List<ClaimRequirement> ReadClaims(SettingsReader reader, PathTemplate upstream)
    {
        var requirements = new List<ClaimRequirement>();
        foreach (var (claim, value) in reader.Dictionary("RouteClaimsRequirement"))
        {
            var name = value.StartsWith('{') && value.EndsWith('}') ? value[1..^1] : null;
            var placeholder = name is null ? -1 : upstream.Placeholders.ToList().IndexOf(name);
            if (name is not null && placeholder < 0)
                reader.Error($"RouteClaimsRequirement:{claim}", $"'{value}' is no placeholder of the upstream template");
            requirements.Add(new ClaimRequirement(claim, value, placeholder));
        }

        return requirements;
    }

    private void CheckIssuers(AuthenticationSection authentication, RoutePolicy policy)
    {
        foreach (var unknown in policy.Issuers.Where(name => !settings.IssuerNames.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            var nearest = NearestName.Of(unknown, settings.IssuerNames);
            authentication.Reader.Error("AuthenticationProviderKeys", $"'{unknown}' is not in Gateway:Issuers" + (nearest is null ? "" : $"; did you mean '{nearest}'?"));
        }
    }

    private void CheckAudiences(SettingsReader reader, RoutePolicy policy)
    {
        if (policy.AllowAnonymous)
            return;
        var issuers = settings.Issuers.Where(issuer => policy.Issuers.Count == 0 || policy.Issuers.Contains(issuer.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        foreach (var issuer in issuers.Where(issuer => issuer.Audiences.Count > 1 && policy.Audiences.Count == 0))
            reader.Error("Audiences", $"is missing: issuer '{issuer.Name}' has several, and this route must say which of them it is");
        var all = issuers.SelectMany(issuer => issuer.Audiences).ToList();
        foreach (var unknown in policy.Audiences.Where(audience => issuers.Count > 0 && !all.Contains(audience)))
            reader.Error("Audiences", $"'{unknown}' is not among the audiences of the route's issuers");
    }
}
