namespace Anthane.Sso.Accounts;

/// <summary>What is wrong with one field of a form, in words for the reader.</summary>
/// <param name="Field">The field; empty for the form as a whole.</param>
/// <param name="Message">What to do about it.</param>
public sealed record FieldProblem(string Field, string Message);
