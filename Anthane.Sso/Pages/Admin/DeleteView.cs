namespace Anthane.Sso.Pages.Admin;

/// <summary>What is about to be deleted for good.</summary>
/// <param name="Kind">Which word must be typed, for example "the client’s name".</param>
/// <param name="Name">The word itself.</param>
/// <param name="Meaning">What follows.</param>
/// <param name="Back">Where Cancel goes.</param>
/// <param name="Problem">What was wrong with the last attempt.</param>
internal sealed record DeleteView(string Kind, string Name, string Meaning, string Back, string? Problem);
