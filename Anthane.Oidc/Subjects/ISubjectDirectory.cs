using System.Text.Json;

namespace Anthane.Oidc.Subjects;

/// <summary>The people, as the engine needs to know them: the one seam that the host implements.</summary>
public interface ISubjectDirectory
{
    /// <summary>Finds a person by internal id.</summary>
    /// <returns>Null when there is no such person, or not any more.</returns>
    ValueTask<Subject?> FindAsync(string subjectId, CancellationToken cancellationToken);
}

/// <summary>A person at this moment.</summary>
/// <param name="Id">The internal id: random, never an e-mail address, never used again.</param>
/// <param name="IsActive">False when disabled: nothing is issued then.</param>
/// <param name="Claims">Every claim that is known, under its OpenID Connect name and with its JSON type; unknown ones are absent.</param>
public sealed record Subject(string Id, bool IsActive, IReadOnlyDictionary<string, JsonElement> Claims);
