using System.Diagnostics;
using Anthane.Bench.Hosts;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>A person signs out of a session with 500 apps of which every tenth hangs: how long they wait, and when the last healthy app knows.</summary>
internal static class LogoutLane
{
    private const int Apps = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var parties = await RelyingParties.StartAsync(Apps);
        await using var sso = await Sso.StartAsync(parties.Registrations(Sso.RedirectUri));
        using var handler = new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(sso.Address) };
        var (waits, news) = (new List<double>(), new List<double>());
        for (var round = 0; round < plan.Rounds; round++)
        {
            var cookie = await sso.SignInAsync();
            foreach (var id in parties.ClientIds)
            {
                using var authorized = await http.SendAsync(Request(Sso.AuthorizePath(id, "openid"), cookie));
            }

            var idToken = await sso.TokenAsync(cookie, "openid", "id_token");
            parties.Forget();
            var clock = Stopwatch.StartNew();
            using var signedOut = await http.SendAsync(Request("/connect/endsession?id_token_hint=" + idToken, cookie));
            waits.Add(clock.Elapsed.TotalSeconds);
            while (parties.Told < parties.Healthy)
            {
                if (clock.Elapsed > Patience)
                {
                    throw new InvalidOperationException($"{parties.Told} of {parties.Healthy} healthy apps were told, and the sign-out answered {(int)signedOut.StatusCode}.");
                }

                await Task.Delay(5);
            }

            news.Add(clock.Elapsed.TotalSeconds);
        }

        table.Below("sign-out of a session with 500 apps, 50 of which hang: the person waits", waits.Max(), 2, "s");
        table.Below("the last healthy app of them is told after", news.Max(), 30, "s");
    }

    private static HttpRequestMessage Request(string path, string cookie) => new(HttpMethod.Get, path) { Headers = { { "Cookie", cookie } } };
}
