using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Anthane.Sso.Tests.Differential;

/// <summary>
/// One of the two servers, spoken to over HTTP and in no other way. What a request needs first (a code, a refresh token that was
/// used before) it gets by good requests of its own.
/// </summary>
/// <param name="address">Where it is. Both have the same paths.</param>
/// <param name="cookie">The cookie header of a browser in which somebody is signed in.</param>
/// <param name="parties">The clients with people.</param>
internal sealed partial class Contender(Uri address, string cookie, IReadOnlyList<Party> parties) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
    private int sent;

    public async Task<Answer> AnswerAsync(Draft draft) => await Answer.ReadAsync(await SendAsync(draft), draft.Party.App.RedirectUri);

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Draft draft)
    {
        var (fields, query) = (await FilledAsync(draft.Fields, draft.Party), await FilledAsync(draft.Address, draft.Party));
        var path = draft.Way switch { Way.Authorize or Way.Pushed => "/connect/authorize", Way.Push => "/connect/par", _ => "/connect/token" };
        var inAddress = draft.Method == HttpMethod.Get ? fields : query;
        var request = NewRequest(draft.Method, inAddress.Length == 0 ? path : $"{path}?{inAddress}", draft.SignedIn && path == "/connect/authorize");
        if (draft.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (draft.Method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(fields));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", draft.ContentType);
        }

        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        // A POST may be stored and go on as a GET.
        return response.Headers.Location is { } next && next.OriginalString.Contains("/connect/authorize/", StringComparison.Ordinal)
            ? await http.SendAsync(NewRequest(HttpMethod.Get, next.OriginalString, draft.SignedIn), TestContext.Current.CancellationToken)
            : response;
    }

    private HttpRequestMessage NewRequest(HttpMethod method, string url, bool signedIn)
    {
        var request = new HttpRequestMessage(method, new Uri(address, url));

        // Each from an address of its own: who fails a hundred times in a minute is shut out, and that is not the question here.
        var number = Interlocked.Increment(ref sent);
        request.Headers.Add("X-Forwarded-For", $"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}");
        if (signedIn)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return request;
    }

    private async Task<string> FilledAsync(IEnumerable<(string Name, string Value)> fields, Party party)
    {
        var pairs = new List<string>();
        foreach (var (name, value) in fields)
        {
            var filled = Placeholder().Match(value) is { Success: true } match ? await ObtainAsync(match.Groups[1].Value, party) + match.Groups[2].Value : value;
            pairs.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(filled)}");
        }

        return string.Join('&', pairs);
    }

    private Task<string> ObtainAsync(string name, Party party)
    {
        var of = party.App.RedirectUri.Length > 0 ? party : parties[0];
        var other = parties.First(candidate => candidate != of);
        return name switch
        {
            "code" => CodeAsync(of),
            "other_code" => CodeAsync(other),
            "bare_code" => CodeAsync(of, draft => draft.Fields.RemoveAll(field => field.Name.StartsWith("code_challenge", StringComparison.Ordinal))),
            "spent_code" => SpentCodeAsync(of),
            "refresh_token" => TokenAsync(of, "refresh_token"),
            "other_refresh_token" => TokenAsync(other, "refresh_token"),
            "used_refresh_token" => UsedAsync(of, times: 1),
            "stale_refresh_token" => UsedAsync(of, times: 2),
            "orphaned_refresh_token" => OrphanedAsync(of),
            "id_token" => TokenAsync(of, "id_token"),
            "other_id_token" => TokenAsync(other, "id_token"),
            "access_token" => TokenAsync(of, "access_token"),
            "request_uri" => PushAsync(of),
            "other_request_uri" => PushAsync(other),
            "spent_request_uri" => SpentRequestAsync(of),
            _ => throw new InvalidOperationException(name),
        };
    }

    private async Task<string> CodeAsync(Party party, Action<Draft>? change = null)
    {
        var draft = new Draft(Way.Authorize, party);
        change?.Invoke(draft);
        var location = (await SendAsync(draft)).Headers.Location!.OriginalString;
        return QueryHelpers.ParseQuery(location[location.IndexOf('?', StringComparison.Ordinal)..]).TryGetValue("code", out var code) ? code.ToString() : throw new InvalidOperationException($"no code in {location}");
    }

    private async Task<JsonElement> RedeemAsync(Party party, string code) => await JsonAsync(Way.Code, party, "code", code);

    private async Task<string> SpentCodeAsync(Party party)
    {
        var code = await CodeAsync(party);
        await RedeemAsync(party, code);
        return code;
    }

    private async Task<string> TokenAsync(Party party, string member) => Member(await RedeemAsync(party, await CodeAsync(party)), member);

    private async Task<string> UsedAsync(Party party, int times)
    {
        var (first, last) = (await TokenAsync(party, "refresh_token"), "");
        for (var i = 0; i < times; i++)
        {
            last = i == 0 ? first : last;
            last = (await JsonAsync(Way.Refresh, party, "refresh_token", last)).TryGetProperty("refresh_token", out var next) ? next.GetString()! : last;
        }

        return first;
    }

    private async Task<string> OrphanedAsync(Party party)
    {
        var code = await CodeAsync(party);
        var token = Member(await RedeemAsync(party, code), "refresh_token");
        await RedeemAsync(party, code);
        return token;
    }

    private async Task<string> PushAsync(Party party) => Member(await JsonAsync(Way.Push, party, "state", "a-state"), "request_uri");

    private async Task<string> SpentRequestAsync(Party party)
    {
        var draft = new Draft(Way.Pushed, party);
        var reference = await PushAsync(party);
        draft.Set("request_uri", reference);
        await SendAsync(draft);
        return reference;
    }

    private async Task<JsonElement> JsonAsync(Way way, Party party, string name, string value)
    {
        var draft = new Draft(way, party);
        draft.Set(name, value);
        return JsonDocument.Parse(await (await SendAsync(draft)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }

    private string Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString()! : throw new InvalidOperationException($"no {name} from {address}: {json}");

    [GeneratedRegex(@"^\{(\w+)\}(x?)$")]
    private static partial Regex Placeholder();
}
