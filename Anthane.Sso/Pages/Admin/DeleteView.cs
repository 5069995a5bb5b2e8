namespace Anthane.Sso.Pages.Admin;

/// <summary>What is about to be done that cannot be taken back; to delete, unless it says otherwise.</summary>
/// <param name="Kind">Which word must be typed, for example "the client’s name".</param>
/// <param name="Name">The word itself.</param>
/// <param name="Meaning">What follows.</param>
/// <param name="Back">Where Cancel goes.</param>
/// <param name="Problem">What was wrong with the last attempt.</param>
internal sealed record DeleteView(string Kind, string Name, string Meaning, string Back, string? Problem)
{
    /// <summary>The heading before the name.</summary>
    public string Before { get; init; } = "Delete";

    /// <summary>The heading after the name.</summary>
    public string After { get; init; } = "?";

    /// <summary>The button.</summary>
    public string Button { get; init; } = "Delete for good";
}
