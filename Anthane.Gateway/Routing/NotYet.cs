using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Settings that Ocelot has and this gateway does not have yet.</summary>
internal static class NotYet
{
    /// <summary>To go on without these would let through, or send elsewhere, what their author meant to keep.</summary>
    public static void Refuse(SettingsReader reader, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (reader.SaysSomething(name))
                reader.Error(name, "is a setting of Ocelot that this gateway does not have yet, and leaving it out would change what passes");
        }
    }

    /// <summary>These tune; the gateway works without them.</summary>
    public static void Warn(SettingsReader reader, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (reader.SaysSomething(name))
                reader.Warn(name, "is a setting of Ocelot that this gateway does not have yet; it has no effect");
        }
    }
}
