namespace Anthane.Gateway.Hosting;

/// <summary>Where callers reach the gateway. A Host header is not asked: anybody can write one.</summary>
internal static class PublicAddress
{
    public static string? Read(SettingsReader reader, IConfiguration configuration)
    {
        if (reader.Text("PublicAddress") is { } text)
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && address.PathAndQuery == "/" && address.UserInfo.Length == 0)
                return address.GetLeftPart(UriPartial.Authority);
            reader.Error("PublicAddress", $"'{text}' must be the scheme, host and port at which callers reach the gateway, like https://api.example");
            return null;
        }

        // One listening address with a name of its own is what callers use, if nothing else is said.
        return configuration["urls"]?.Split(';') is [{ Length: > 0 } only] && Uri.TryCreate(only, UriKind.Absolute, out var own) && own.HostNameType != UriHostNameType.Unknown
            && own.Host is not ("0.0.0.0" or "[::]") && own.Port != 0
            ? own.GetLeftPart(UriPartial.Authority)
            : null;
    }
}
