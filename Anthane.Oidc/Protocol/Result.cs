using System.Diagnostics.CodeAnalysis;

namespace Anthane.Oidc.Protocol;

/// <summary>Either a value or the reason why there is none.</summary>
internal readonly struct Result<T>
{
    private Result(T? value, OidcError? error)
    {
        Value = value;
        Error = error;
    }

    public T? Value { get; }

    public OidcError? Error { get; }

    public bool Failed([NotNullWhen(true)] out OidcError? error, [NotNullWhen(false)] out T? value)
    {
        error = Error;
        value = Value;
        return error is not null;
    }

    /// <summary>For interface types, which implicit conversions do not reach.</summary>
    public static Result<T> Of(T value) => new(value, null);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(OidcError error) => new(default, error);
}
