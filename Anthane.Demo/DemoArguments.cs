namespace Anthane.Demo;

/// <summary>What was typed after the command. A word that is not known is refused, not ignored.</summary>
internal sealed record DemoArguments
{
    public const string Usage = """
        usage: dotnet run --project Anthane.Demo [-- [--fresh] [--data DIR]]
                 starts everything
               dotnet run --project Anthane.Demo -- --conformance FILE [--fresh] [--data DIR] [--ca FILE --ca-key FILE]
                 starts the SSO alone for a test suite, with the clients and users of FILE
               dotnet run --project Anthane.Demo -- --conformance-rotate [--data DIR]
                 gives the SSO that runs for a test suite a new signing key

          --fresh      starts over: what earlier runs stored is deleted first
          --data DIR   keeps the data in DIR (default: .anthane beside the solution; for a test suite .anthane/conformance)
          --ca FILE    certificate of an authority (PEM) that is to sign the one of localhost, with --ca-key its private key
                       (default: an authority made on first run, beside the data)
        """;

    /// <summary>Delete stored data first.</summary>
    public bool Fresh { get; private init; }

    /// <summary>Where to keep data, as typed; null when not said.</summary>
    public string? Data { get; private init; }

    /// <summary>The file of clients and users for a test suite, as typed; null when the demo is wanted.</summary>
    public string? Conformance { get; private init; }

    /// <summary>Roll the keys of the server that runs for a test suite.</summary>
    public bool Rotate { get; private init; }

    /// <summary>The certificate of an authority that exists, as typed.</summary>
    public string? CaCertificate { get; private init; }

    /// <summary>Its private key.</summary>
    public string? CaKey { get; private init; }

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
                case "--conformance-rotate" when value is null:
                    result = result with { Rotate = true };
                    break;
                case "--data" or "--conformance" or "--ca" or "--ca-key":
                    value ??= i + 1 < args.Count ? args[++i] : null;
                    if (string.IsNullOrWhiteSpace(value) || value.StartsWith("--", StringComparison.Ordinal))
                    {
                        return new DemoArguments { Problem = $"{name} needs a {(name == "--data" ? "directory" : "file")}." };
                    }

                    result = result.With(name, value);
                    break;
                case "--help" or "-h":
                    return new DemoArguments { Help = true };
                default:
                    return new DemoArguments { Problem = $"Unknown argument: {args[i]}" };
            }
        }

        return (result.CaCertificate is null) == (result.CaKey is null) ? result : new DemoArguments { Problem = "--ca and --ca-key go together." };
    }

    private DemoArguments With(string name, string value) => name switch
    {
        "--data" => this with { Data = value },
        "--conformance" => this with { Conformance = value },
        "--ca" => this with { CaCertificate = value },
        _ => this with { CaKey = value },
    };
}
