using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Anthane.Demo.Reports;

/// <summary>The one page, in its two states: nobody is signed in, or somebody sees their orders in figures. No script.</summary>
internal sealed class ReportPage(ReportsOptions options, ReportSessions sessions, OrdersClient orders, ReportCookies cookies)
{
    private const string Ended = "You are signed out here: you signed out in another app, or your sign-in was too long ago.";

    public async Task<IResult> HomeAsync(HttpContext http)
    {
        var secret = cookies.Session(http);
        var session = sessions.Find(secret);
        if (session is not null && await orders.ListAsync(session, http.RequestAborted) is { } found && session.Tokens is { } tokens)
        {
            return Page(StatusCodes.Status200OK, Account(session), Report(session, tokens, found));
        }

        if (secret is not null)
        {
            sessions.Remove(secret);
            cookies.DropSession(http);
            return Welcome(Ended);
        }

        return Welcome(cookies.TakeSigningOut(http, http.Request.Query["state"]) ? "You are signed out here and at the sign-in service." : null);
    }

    /// <summary>The page of somebody who is not signed in.</summary>
    /// <param name="message">What happened; null for nothing.</param>
    /// <param name="status">The HTTP status.</param>
    public static IResult Welcome(string? message, int status = StatusCodes.Status200OK) => Page(status, "", $"""
          <main id="welcome" class="narrow">
            <img src="/icon.svg" alt="" width="64" height="64">
            <h1>Reports</h1>
            <p class="lead">What you ordered, in figures.</p>
            {(message is null ? "" : $"""<p id="message" class="note" role="status">{Text(message)}</p>""")}
            <form method="post" action="/sign-in"><button id="sign-in" type="submit" class="primary">Sign in</button></form>
            <p class="dim">One sign-in opens every Anthane app. This one never sees your password.</p>
          </main>
        """);

    private string Account(ReportSession session) => $"""
            <div id="account" class="account">
              <a class="switch" href="{Text(options.Notes)}/">Notes</a>
              <span id="who" class="who">{Text(session.Name)}</span>
              <form method="post" action="/sign-out"><button id="sign-out" type="submit" class="quiet">Sign out</button></form>
            </div>
        """;

    private static string Report(ReportSession session, TokenSet tokens, IReadOnlyList<ReportedOrder> found) => $"""
          <main id="app" class="board">
            <h1 class="hidden">Reports</h1>
            <div class="column">
              <section class="card" aria-labelledby="figures-title">
                <h2 id="figures-title">Your orders in figures</h2>
                <dl>
                  {Row("Orders", "order-count", Number(found.Count))}
                  {Row("Pieces", "piece-count", Number(found.Sum(order => order.Quantity)))}
                  {Row("Newest", "newest", found.Count == 0 ? "none yet" : Instant(found.Max(order => order.PlacedAt)))}
                </dl>
                {(found.Count == 0 ? """<p class="dim">Place an order in Notes or Photos, then load this page again.</p>""" : "")}
              </section>
              {(found.Count == 0 ? "" : ByItem(found))}
            </div>
            <div class="column">
              <section class="card" aria-labelledby="sign-in-title">
                <h2 id="sign-in-title">This sign-in</h2>
                <dl>
                  {Row("Signed in as", "email", session.Email)}
                  {Row("Signed in at", "auth-time", Instant(session.SignedInAt))}
                  {Row("Token ends at", "token-ends", Instant(tokens.Ends))}
                  {Row("Account id", "subject", session.Subject, "code")}
                  {Row("Session id", "sid", session.Sid, "code")}
                </dl>
                <p class="dim">This app runs on a server: its tokens never reach your browser. When you sign out in another app, the sign-in service tells this server at once, and you are signed out here too.</p>
              </section>
            </div>
          </main>
        """;

    private static string ByItem(IReadOnlyList<ReportedOrder> found)
    {
        var rows = found.GroupBy(order => order.Item, StringComparer.Ordinal)
            .Select(group => (Item: group.Key, Pieces: group.Sum(order => order.Quantity), Orders: group.Count()))
            .OrderByDescending(row => row.Pieces).ThenBy(row => row.Item, StringComparer.Ordinal)
            .Aggregate(new StringBuilder(), (text, row) => text.Append(CultureInfo.InvariantCulture, $"""
                        <li><span class="count">{Number(row.Pieces)} ×</span><span class="item">{Text(row.Item)}</span><span class="dim">{Number(row.Orders)} {(row.Orders == 1 ? "order" : "orders")}</span></li>

                """));
        return $"""
              <section class="card" aria-labelledby="items-title">
                <h2 id="items-title">By item</h2>
                <ol id="items" class="orders">
                {rows}</ol>
              </section>
            """;
    }

    private static IResult Page(int status, string account, string main) => Results.Content($"""
        <!doctype html>
        <html lang="en" data-app="reports">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>Reports</title>
          <link rel="icon" href="/icon.svg" type="image/svg+xml">
          <link rel="stylesheet" href="/app.css">
        </head>
        <body>
          <header>
            <a class="brand" href="/"><img src="/icon.svg" alt="" width="32" height="32">Reports</a>
        {account}
          </header>
        {main}
        </body>
        </html>
        """, "text/html; charset=utf-8", Encoding.UTF8, status);

    private static string Row(string term, string id, string value, string style = "") => $"""<div><dt>{term}</dt><dd id="{id}" class="{style}">{Text(value)}</dd></div>""";

    private static string Text(string value) => HtmlEncoder.Default.Encode(value);

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    // A page without script cannot know the reader's zone, so it says which one it means.
    private static string Instant(DateTimeOffset at) => at.ToUniversalTime().ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
