using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>Something that is done to a good request. Not all of it is wrong: what is allowed must be answered alike, too.</summary>
/// <param name="Name">As docs/differences.md names it.</param>
/// <param name="Apply">Does it; where there is a choice, chance makes it.</param>
/// <param name="Fits">Whether it can be done to a request of this party.</param>
/// <param name="Alone">It makes another kind of request of it, so that a second fault would mean something else than it does by itself.</param>
internal sealed record Fault(string Name, Action<Draft, Chance> Apply, Func<Party, bool>? Fits = null, bool Alone = false)
{
    /// <summary>Whether both can be seen in one request: neither undoes what the other does.</summary>
    public bool GoesWith(Fault other, Draft good) => !Alone && !other.Alone && !Touched(good).Overlaps(other.Touched(good));

    public static Fault Remove(string name) => new($"no {name}", (draft, _) => draft.Remove(name));

    /// <summary>A value of the parameter; its name says which, unless chance picks one of several that mean the same.</summary>
    public static Fault Set(string name, string title, params string[] values) => new($"{name}: {title}", (draft, chance) => draft.Set(name, chance.OneOf(values)));

    /// <summary>The usual accidents of a parameter that every request of the kind has.</summary>
    public static IEnumerable<Fault> Usual(params string[] names) => names.SelectMany(name => (Fault[])
    [
        Remove(name),
        Set(name, "empty", ""),
        new($"{name} twice, the same", (draft, _) => draft.Add(name, draft.Get(name))),
        new($"{name} twice, different", (draft, chance) => draft.Fields.Insert(chance.Below(draft.Fields.Count + 1), (name, "other"))),
        new($"the name {name} in capitals", (draft, _) => Rename(draft, name, name.ToUpperInvariant())),
    ]);

    /// <summary>The parameters that are not as they were, by their names in small letters.</summary>
    private HashSet<string> Touched(Draft good)
    {
        var draft = new Draft(good.Way, good.Party);
        Apply(draft, new Chance(Name));
        var names = draft.Fields.Except(good.Fields).Concat(good.Fields.Except(draft.Fields)).Concat(draft.Address)
            .Concat(draft.Fields.GroupBy(field => field.Name).Where(same => same.Count() > 1).Select(same => same.First()))
            .Select(field => field.Name.ToLowerInvariant())
            .ToHashSet(StringComparer.Ordinal);
        if (draft.Authorization != good.Authorization || names.Contains("client_secret"))
        {
            names.UnionWith(["client_id", "client_secret"]);
        }

        return names;
    }

    private static void Rename(Draft draft, string from, string to)
    {
        var value = draft.Get(from);
        draft.Remove(from);
        draft.Add(to, value);
    }
}
