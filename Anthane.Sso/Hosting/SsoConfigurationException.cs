namespace Anthane.Sso.Hosting;

/// <summary>The server cannot start as it is set up. Holds every mistake that was found, each in words for the operator.</summary>
public sealed class SsoConfigurationException(IReadOnlyList<string> problems)
    : Exception("Anthane.Sso cannot start:" + string.Concat(problems.Select(problem => "\n  - " + problem)))
{
    /// <summary>The mistakes.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
