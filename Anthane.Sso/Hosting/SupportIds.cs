using System.Collections;
using Anthane.Oidc.Endpoints;

namespace Anthane.Sso.Hosting;

/// <summary>Puts the support id that a person may quote into every log line of the request.</summary>
internal static class SupportIds
{
    public static void UseSupportId(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Anthane.Sso.Request");
        app.Use(async (http, next) =>
        {
            using (logger.BeginScope(new Scope(http)))
            {
                await next(http);
            }
        });
    }

    /// <summary>Makes the id only when a line is written: most requests write none.</summary>
    private sealed class Scope(HttpContext http) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 1;

        public KeyValuePair<string, object?> this[int index] => new("SupportId", SupportId.Of(http));

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return this[0];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => "support id " + SupportId.Of(http);
    }
}
