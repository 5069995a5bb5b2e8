using System.Text.RegularExpressions;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>What stands in braces in a header transform. What the request decides stays; what the settings decide is filled in once.</summary>
internal sealed partial class TransformPlaceholders(string? baseUrl, IConfiguration? host)
{
    public const string RemoteAddress = "{RemoteIpAddress}";
    public const string UpstreamHost = "{UpstreamHost}";
    public const string TraceId = "{TraceId}";

    private const string ConfigMark = "Config:";

    /// <summary>Ocelot's default of GlobalConfiguration:BaseUrl.</summary>
    public string BaseUrl { get; } = (baseUrl ?? "http://localhost:5000").TrimEnd('/');

    public static bool DependsOnRequest(string text) =>
        text.Contains(RemoteAddress, StringComparison.Ordinal) || text.Contains(UpstreamHost, StringComparison.Ordinal) || text.Contains(TraceId, StringComparison.Ordinal);

    /// <summary>Null when there is a placeholder that nothing stands for; the problems then say which.</summary>
    public string? Fill(string text, SettingsReader reader, string setting)
    {
        var isWhole = true;
        var filled = Placeholder().Replace(text, match =>
        {
            var value = ValueOf(match.Groups[1].Value);
            if (value is not null)
                return value;
            isWhole = false;
            reader.Error(setting, $"'{match.Value}' stands for nothing: {{BaseUrl}}, {RemoteAddress}, {UpstreamHost}, {TraceId} and {{Config:Key}} of a key that has a value are known");
            return "";
        });
        return isWhole ? filled : null;
    }

    private string? ValueOf(string name) => name switch
    {
        "BaseUrl" => BaseUrl,
        "RemoteIpAddress" or "UpstreamHost" or "TraceId" => "{" + name + "}",
        _ when name.StartsWith(ConfigMark, StringComparison.Ordinal) => host?[name[ConfigMark.Length..]],
        _ => null,
    };

    [GeneratedRegex(@"\{(\w+(?::[^{}]+)?)\}")]
    private static partial Regex Placeholder();
}
