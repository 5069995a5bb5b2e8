using System.Text;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Spoils a request in one to three places. What came out is for <see cref="StrictReading"/> to judge; here nothing is known about right and wrong.</summary>
internal sealed class Mutator(MutatedEndpoint endpoint, WireRequest request, Chance chance)
{
    private readonly List<string> done = [];

    /// <summary>What was done.</summary>
    public string What => string.Join(", ", done);

    /// <summary>The parameter that was signed anew, and what is wrong with it.</summary>
    public (string Name, string? Problem)? Resigned { get; private set; }

    public void Spoil()
    {
        if (endpoint.Resign is { } resign && chance.Below(5) == 0)
        {
            Resign(resign);
        }

        // Mostly one accident alone: a second one can hide that the first was not seen.
        for (var left = Resigned is not null ? 0 : chance.Below(10) switch { < 7 => 1, < 9 => 2, _ => 3 }; left > 0; left--)
        {
            done.Add(One());
        }
    }

    private List<WireField> Fields => request.Form ?? request.Query;

    private string One() => endpoint.Place is ParameterPlace.Json ? OneOfJson() : chance.Below(20) switch
    {
        0 => TakeAway(),
        1 or 2 => Double(),
        3 => Replace(),
        4 or 5 => Accident(),
        6 => Piece(),
        7 => Swap(),
        8 => Lengthen(),
        9 => Rename(),
        10 => Recode(),
        11 => Move(),
        12 => Many(),
        13 => Method(),
        14 => ContentType(),
        15 or 16 => Authorization(),
        17 => Header(),
        18 => Token(),
        _ => Path(),
    };

    private string OneOfJson() => chance.Below(request.Body is null ? 8 : 14) switch
    {
        0 => Method(),
        1 => ContentType(),
        2 or 3 => Authorization(),
        4 => Header(),
        5 => Many(),
        6 => Path(),
        _ => JsonMutations.Spoil(request, chance),
    };

    private string TakeAway() => AtField(at =>
    {
        var name = Fields[at].Name;
        Fields.RemoveAt(at);
        return $"{name} taken away";
    });

    private string Double() => AtField(at =>
    {
        var field = Fields[at];
        var again = chance.Below(3) switch { 0 => field, 1 => field with { Value = Uri.EscapeDataString(chance.OneOf(HostileTexts.Values)) }, _ => field with { Name = Escaped(field.Name) } };
        (request.Form is not null && chance.Below(3) == 0 ? request.Query : Fields).Insert(0, again);
        return $"{field.Name} twice";
    });

    private string Replace() => AtField(at =>
    {
        Fields[at] = Fields[at] with { Value = Uri.EscapeDataString(chance.OneOf(HostileTexts.Values)) };
        return $"{Fields[at].Name} replaced";
    });

    /// <summary>A few characters of the value, as a reader sees it, are not what they were.</summary>
    private string Accident() => AtField(at =>
    {
        Fields[at] = Fields[at] with { Value = Uri.EscapeDataString(TextAccidents.Change(Fields[at].ReadValue, chance)) };
        return $"an accident in {Fields[at].Name}";
    });

    private string Piece() => AtField(at =>
    {
        var value = Fields[at].Value;
        Fields[at] = Fields[at] with { Value = value.Insert(chance.Below(value.Length + 1), chance.OneOf(HostileTexts.Pieces)) };
        return $"a piece in {Fields[at].Name}";
    });

    private string Swap() => AtField(at =>
    {
        var other = chance.Below(Fields.Count);
        (Fields[at], Fields[other]) = (Fields[at] with { Value = Fields[other].Value }, Fields[other] with { Value = Fields[at].Value });
        return $"{Fields[at].Name} and {Fields[other].Name} swapped";
    });

    private string Lengthen() => AtField(at =>
    {
        var length = chance.OneOf(new[] { 300, 3_000, 9_000, 70_000 });
        Fields[at] = Fields[at] with { Value = Fields[at].Value + new string(chance.OneOf(new[] { 'a', '0', '+', '.', '-' }), length) };
        return $"{length} characters more in {Fields[at].Name}";
    });

    private string Rename() => AtField(at =>
    {
        var name = Fields[at].Name;
        Fields[at] = Fields[at] with { Name = chance.OneOf(new[] { name.ToUpperInvariant(), name + "[]", name + "%20", name + "%00", "%EF%BB%BF" + name, "", name.Replace('_', '-') + "-", " " + name }) };
        return $"{name} renamed to {Fields[at].Name}";
    });

    /// <summary>Other bytes that mean the same.</summary>
    private string Recode() => AtField(at =>
    {
        var field = Fields[at];
        Fields[at] = new WireField(Escaped(field.Name), chance.Below(2) == 0 ? Escaped(field.ReadValue) : field.Value.Replace("%20", "+", StringComparison.Ordinal));
        return $"{field.Name} encoded otherwise";
    });

    private string Move()
    {
        if (request.Form is { } form)
        {
            if (chance.Below(3) == 0)
            {
                request.Query.AddRange(form);
                form.Clear();
                return "all in the address";
            }

            return AtField(at =>
            {
                request.Query.Add(form[at]);
                form.RemoveAt(at);
                return $"{request.Query[^1].Name} in the address";
            });
        }

        request.Body = string.Join('&', request.Query.Select(field => $"{field.Name}={field.Value}")) + request.Body;
        request.ContentType ??= "application/x-www-form-urlencoded";
        if (chance.Below(2) == 0)
        {
            request.Query.Clear();
        }

        return "in the body";
    }

    private string Many()
    {
        var count = chance.OneOf(new[] { 1, 5, 150, 250, 2_000 });
        for (var i = 0; i < count; i++)
        {
            Fields.Add(new WireField($"x{i}", ""));
        }

        return $"{count} parameters that nobody knows";
    }

    private string Method()
    {
        request.Method = chance.OneOf(endpoint.TriedMethods);
        return $"the method {request.Method}";
    }

    private string ContentType()
    {
        request.ContentType = chance.OneOf(HostileTexts.ContentTypes);
        if (request.ContentType?.EndsWith("utf-16", StringComparison.Ordinal) is true && chance.Below(2) == 0)
        {
            var text = request.Body ?? string.Join('&', (request.Form ?? []).Select(field => $"{field.Name}={field.Value}"));
            request.Body = Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(text));
        }

        return $"the content type {request.ContentType}";
    }

    private string Authorization() => HeaderMutations.Authorization(request, chance);

    private string Header()
    {
        var (name, value) = chance.OneOf(HostileTexts.Headers);
        request.Headers.Add(new WireField(name, value));
        return $"the header {name}: {value}";
    }

    /// <summary>A parameter or header that is a JWT is taken apart and put together wrongly.</summary>
    private string Token()
    {
        var at = Fields.FindIndex(field => field.Value.StartsWith("eyJ", StringComparison.Ordinal));
        if (at < 0)
        {
            return HeaderMutations.Token(request, chance) ?? Replace();
        }

        Fields[at] = Fields[at] with { Value = Uri.EscapeDataString(TokenMutations.Spoil(Fields[at].ReadValue, chance)) };
        return $"the token in {Fields[at].Name} spoiled";
    }

    private string Path()
    {
        var path = request.Path;
        request.Path = chance.OneOf(new[] { path + "/", "/" + path, path + "%2f", path + "/x", path + "%00", path.ToUpperInvariant(), path[..^1], path + ";a=b", "/x/.." + path, path.Replace("/c", "/%63", StringComparison.Ordinal), path + "\\" });
        return $"the path {request.Path}";
    }

    private void Resign(Func<WireRequest, Chance, (WireField Field, string? Problem)> resign)
    {
        var (field, problem) = resign(request, chance);
        Fields[Fields.FindIndex(old => old.Name == field.Name)] = field;
        Resigned = (field.ReadName, problem);
        done.Add($"{field.Name} signed anew");
    }

    /// <summary>Without a parameter there is nothing to spoil but headers.</summary>
    private string AtField(Func<int, string> spoil) => Fields.Count == 0 ? Header() : spoil(chance.Below(Fields.Count));

    private static string Escaped(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(value => $"%{value:x2}"));
}
