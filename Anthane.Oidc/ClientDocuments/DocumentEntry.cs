using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>What is known of one document: the client that it last described, or why there is none, and until when nobody asks again.</summary>
internal sealed class DocumentEntry
{
    private readonly Lock gate = new();
    private Task<OidcError?>? running;
    private Good? good;
    private volatile State state = new("it was not fetched yet", DateTimeOffset.MinValue);

    public long UsedAt { get; set; }

    public string Problem => state.Problem;

    /// <summary>Nothing ever came of it.</summary>
    public bool IsEmpty => state.Until == DateTimeOffset.MinValue;

    public bool Rests(DateTimeOffset now) => now < state.Until;

    /// <summary>The client, if its document was fetched after this moment.</summary>
    public Client? ClientAt(DateTimeOffset oldest) => Volatile.Read(ref good) is { } known && known.FetchedAt > oldest ? known.Client : null;

    public void Keep(Client client, DateTimeOffset fetchedAt, DateTimeOffset until)
    {
        Volatile.Write(ref good, new Good(client, fetchedAt));
        state = new State("its last good document is too old", until);
    }

    /// <summary>It could not be had; what was known stays.</summary>
    public void Fail(string problem, DateTimeOffset until) => state = new State(problem, until);

    /// <summary>It was had and is no good.</summary>
    public void Forget(string problem, DateTimeOffset until)
    {
        Volatile.Write(ref good, null);
        state = new State(problem, until);
    }

    /// <summary>Joins the fetch that runs, or begins one.</summary>
    public Task<OidcError?> FetchOnceAsync(Func<Task<OidcError?>> fetch)
    {
        lock (gate)
        {
            return running is { IsCompleted: false } ? running : running = fetch();
        }
    }

    private sealed record Good(Client Client, DateTimeOffset FetchedAt);

    private sealed record State(string Problem, DateTimeOffset Until);
}
