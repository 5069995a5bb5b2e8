namespace Anthane.Gateway.Caching;

/// <summary>Answers by key, within a bounded memory: when it is full the eldest go.</summary>
internal sealed class AnswerStore(TimeProvider clock, long mostBytes = 64 * 1024 * 1024)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, StoredAnswer> answers = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, StoredAnswer Answer)> order = new();
    private long bytes;

    /// <summary>Bytes in use.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    public StoredAnswer? Find(string key)
    {
        lock (gate)
            return answers.TryGetValue(key, out var answer) && answer.Until > clock.GetUtcNow() ? answer : null;
    }

    public void Add(string key, StoredAnswer answer)
    {
        lock (gate)
        {
            if (answers.Remove(key, out var before))
                bytes -= before.Size;
            answers[key] = answer;
            order.Enqueue((key, answer));
            bytes += answer.Size;

            // What ended is dropped on the way; what was replaced is in the queue and nowhere else.
            var now = clock.GetUtcNow();
            while (order.TryPeek(out var eldest) && (bytes > mostBytes || eldest.Answer.Until <= now || !IsCurrent(eldest)))
            {
                order.Dequeue();
                if (IsCurrent(eldest) && answers.Remove(eldest.Key))
                    bytes -= eldest.Answer.Size;
            }
        }
    }

    private bool IsCurrent((string Key, StoredAnswer Answer) entry) => answers.TryGetValue(entry.Key, out var present) && ReferenceEquals(present, entry.Answer);
}
