namespace Anthane.Demo;

/// <summary>What was typed after the command. A word that is not known is refused, not ignored.</summary>
internal sealed record DemoArguments
{
    public const string Usage = """
        usage: dotnet run --project Anthane.Demo [-- [--fresh] [--data DIR]]
          --fresh      starts over: what earlier runs stored is deleted first
          --data DIR   keeps the data in DIR (default: .anthane beside the solution)
        """;

    /// <summary>Delete stored data first.</summary>
    public bool Fresh { get; private init; }

    /// <summary>Where to keep data, as typed; null when not said.</summary>
    public string? Data { get; private init; }

    public bool Help { get; private init; }

    /// <summary>Why the arguments cannot be used; null when they can.</summary>
    public string? Problem { get; private init; }

    public static DemoArguments Parse(IReadOnlyList<string> args)
    {
        var result = new DemoArguments();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var n, var v] ? (n, v) : (args[i], null);
            switch (name)
            {
                case "--fresh" when value is null:
                    result = result with { Fresh = true };
                    break;
                case "--data":
                    value ??= i + 1 < args.Count ? args[++i] : null;
                    if (string.IsNullOrWhiteSpace(value) || value.StartsWith("--", StringComparison.Ordinal))
                    {
                        return new DemoArguments { Problem = "--data needs a directory." };
                    }

                    result = result with { Data = value };
                    break;
                case "--help" or "-h":
                    return new DemoArguments { Help = true };
                default:
                    return new DemoArguments { Problem = $"Unknown argument: {args[i]}" };
            }
        }

        return result;
    }
}
