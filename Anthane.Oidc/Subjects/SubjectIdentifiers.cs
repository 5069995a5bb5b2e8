using Anthane.Oidc.Clients;

namespace Anthane.Oidc.Subjects;

/// <summary>The only place that turns an internal subject id into the <c>sub</c> that a client sees, and back.</summary>
/// <remarks>Public identifiers today (OpenID Connect Core 8); pairwise ones would be made here.</remarks>
internal static class SubjectIdentifiers
{
    public static string For(Client client, string subjectId)
    {
        ArgumentNullException.ThrowIfNull(client);
        return subjectId;
    }

    public static string SubjectId(string sub) => sub;
}
