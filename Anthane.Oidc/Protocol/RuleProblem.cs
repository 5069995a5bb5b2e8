namespace Anthane.Oidc.Protocol;

/// <summary>Something wrong with a client or an API, beside the field that has it.</summary>
/// <param name="Field">The property's name.</param>
/// <param name="Message">What is wrong and what would be right, for the person who typed it.</param>
public sealed record RuleProblem(string Field, string Message);
