using System.Net;
using System.Text.Json;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Registration;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Registration;

/// <summary>Dynamic client registration (RFC 7591) and the configuration of what was registered (RFC 7592).</summary>
public sealed class RegistrationTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Callback = "https://app.example/callback";
    private static readonly object Good = new { redirect_uris = new[] { Callback }, client_name = "Kites", grant_types = new[] { "authorization_code", "refresh_token" } };
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task A_client_registers_and_signs_people_in_with_what_it_was_given()
    {
        var made = await server.RegisterAsync(await server.TokenAsync(), new
        {
            redirect_uris = new[] { Callback },
            client_name = "Kites",
            grant_types = new[] { "authorization_code", "refresh_token" },
            response_types = new[] { "code" },
            token_endpoint_auth_method = "client_secret_post",
            contacts = new[] { "kites@app.example" },
            initiate_login_uri = "https://app.example/start",
            logo_uri = "https://app.example/logo.png",
            client_id = "chosen-by-me",
            something_unknown = new { a = 1 },
        });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("application/json", made.Response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("no-store", made.Response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.NotEqual("chosen-by-me", made.Text("client_id"));
        Assert.Equal(0, made.Body.GetProperty("client_secret_expires_at").GetInt32());
        Assert.Equal(server.Issuer + "/connect/register/" + made.Text("client_id"), made.Text("registration_client_uri"));
        Assert.Equal(["Kites", "client_secret_post", "https://app.example/start", "https://app.example/logo.png", "openid profile email offline_access"], new[] { "client_name", "token_endpoint_auth_method", "initiate_login_uri", "logo_uri", "scope" }.Select(made.Text));
        Assert.Equal("kites@app.example", made.Body.GetProperty("contacts")[0].GetString());
        Assert.False(made.Has("something_unknown"));

        var flow = new OidcFlow(server, new OidcApp(made.Text("client_id"), made.Text("client_secret"), Callback, PostSecret: true));
        var tokens = await flow.TokensAsync(("scope", "openid profile"));
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(tokens.RefreshToken)).Status);
        Assert.Contains("/consent", flow.Seen);
    }

    [Theory]
    [InlineData(null, "Bearer")]
    [InlineData("", "Bearer")]
    [InlineData("wrong", "Bearer error=\"invalid_token\"")]
    public async Task AD_09_without_an_initial_access_token_nobody_registers(string? token, string challenge)
    {
        var refused = await server.RegisterAsync(token, Good);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), (refused.Status, refused.Error));
        Assert.Equal(challenge, refused.Response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task AD_09_a_token_registers_as_many_clients_as_it_says_and_wrong_metadata_do_not_use_it_up()
    {
        var token = await server.TokenAsync(uses: 2);
        Assert.Equal("invalid_redirect_uri", (await server.RegisterAsync(token, new { redirect_uris = new[] { "http://far.example/" } })).Error);
        Assert.Equal(HttpStatusCode.Created, (await server.RegisterAsync(token, Good)).Status);
        Assert.Equal(HttpStatusCode.Created, (await server.RegisterAsync(token, Good)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.RegisterAsync(token, Good)).Status);
    }

    [Fact]
    public async Task AD_09_a_token_ends_with_its_time_and_when_it_is_withdrawn()
    {
        await using var own = await SsoServer.StartAsync();
        var token = await own.TokenAsync(uses: 9, lifetime: TimeSpan.FromHours(1));
        var admin = own.Get<RegistrationAdmin>();
        var withdrawn = await own.TokenAsync(uses: 9, lifetime: TimeSpan.FromDays(9));
        Assert.Equal(HttpStatusCode.Created, (await own.RegisterAsync(withdrawn, Good)).Status);
        own.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await own.RegisterAsync(token, Good)).Status);

        Assert.True(await admin.RevokeAsync(Assert.Single(await admin.ListAsync()).Id, "test"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await own.RegisterAsync(withdrawn, Good)).Status);
    }

    [Theory]
    [InlineData("""{"scope":"openid orders.write"}""", "invalid_client_metadata", "orders.write is not offered")]
    [InlineData("""{"grant_types":["client_credentials"]}""", "invalid_client_metadata", "client_credentials is not offered")]
    [InlineData("""{"response_types":["token"]}""", "invalid_client_metadata", "Only code is offered")]
    [InlineData("""{"subject_type":"pairwise"}""", "invalid_client_metadata", "Only public is offered")]
    [InlineData("""{"id_token_signed_response_alg":"none"}""", "invalid_client_metadata", "id_token_signed_response_alg")]
    [InlineData("""{"userinfo_signed_response_alg":"RS256"}""", "invalid_client_metadata", "This is not offered")]
    [InlineData("""{"sector_identifier_uri":"https://app.example/sector"}""", "invalid_client_metadata", "This is not offered")]
    [InlineData("""{"initiate_login_uri":"http://app.example/start"}""", "invalid_client_metadata", "It must be an https address")]
    [InlineData("""{"redirect_uris":["https://app.example/callback#part"]}""", "invalid_redirect_uri", "fragment")]
    [InlineData("""{"redirect_uris":[]}""", "invalid_redirect_uri", "at least one address")]
    [InlineData("""{"redirect_uris":"https://app.example/callback"}""", "invalid_redirect_uri", "list of texts")]
    [InlineData("""{"redirect_uris":["javascript:alert(1)"]}""", "invalid_redirect_uri", "scheme")]
    [InlineData("""{"client_name":7}""", "invalid_client_metadata", "It must be a text")]
    [InlineData("""{"client_name":"\u202egnp.exe"}""", "invalid_client_metadata", "text-direction marks")]
    [InlineData("""{"logo_uri":"http://169.254.169.254/"}""", "invalid_client_metadata", "loopback")]
    [InlineData("""{"jwks":{"keys":[]},"jwks_uri":"https://app.example/keys","token_endpoint_auth_method":"private_key_jwt"}""", "invalid_client_metadata", "jwks")]
    [InlineData("""{"jwks_uri":"http://10.0.0.1/keys","token_endpoint_auth_method":"private_key_jwt"}""", "invalid_client_metadata", "jwks_uri")]
    [InlineData("""{"token_endpoint_auth_method":"client_secret_jwt"}""", "invalid_client_metadata", "no method named")]
    [InlineData("""{"default_max_age":-1}""", "invalid_client_metadata", "default_max_age")]
    public async Task AD_09_what_the_token_or_the_rules_do_not_allow_is_refused_by_its_name(string change, string error, string word)
    {
        var metadata = JsonSerializer.Deserialize<Dictionary<string, object>>(change)!;
        metadata.TryAdd("redirect_uris", new[] { Callback });
        var refused = await server.RegisterAsync(await server.TokenAsync(), metadata);
        Assert.Equal((HttpStatusCode.BadRequest, error), (refused.Status, refused.Error));
        Assert.Contains(word, refused.Text("error_description"), StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Text("error_description"), letter => letter is < ' ' or > '~' or '"' or '\\');
    }

    [Fact]
    public async Task AD_09_more_than_twenty_addresses_or_64_kilobytes_are_refused()
    {
        var token = await server.TokenAsync(uses: 9);
        var many = Enumerable.Range(0, 21).Select(i => $"{Callback}/{i}");
        Assert.Equal("invalid_redirect_uri", (await server.RegisterAsync(token, new { redirect_uris = many })).Error);
        var large = await server.SendJsonAsync(HttpMethod.Post, "/connect/register", token, JsonSerializer.Serialize(new { redirect_uris = new[] { Callback }, contacts = new[] { new string('x', 65_536) } }));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.Status);
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("""{"redirect_uris":["https://app.example/callback"],"redirect_uris":["https://other.example/"]}""", "application/json")]
    [InlineData("""{"redirect_uris":["https://app.example/callback"]} {}""", "application/json")]
    [InlineData("""{"redirect_uris":["https://app.example/callback"]}""", "text/plain")]
    [InlineData("redirect_uris=https%3A%2F%2Fapp.example", "application/x-www-form-urlencoded")]
    public async Task What_is_not_one_json_object_is_refused_and_uses_nothing_up(string body, string type)
    {
        var token = await server.TokenAsync();
        var refused = await server.SendJsonAsync(HttpMethod.Post, "/connect/register", token, body, type);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.Status, refused.Error));
        Assert.Equal(HttpStatusCode.Created, (await server.RegisterAsync(token, Good)).Status);
    }

    [Fact]
    public async Task A_token_never_lets_a_client_have_rules_that_only_admins_give()
    {
        var made = await server.RegisterAsync(await server.TokenAsync(), new { redirect_uris = new[] { Callback }, introspect_any = true, first_party = true, profile = "legacy", without_pkce = true });
        var client = await server.Get<ClientAdmin>().FindAsync(made.Text("client_id"));
        Assert.Equal((false, "default", 0), (client!.FirstParty, client.Profile, client.Rules.Count));
    }

    [Fact]
    public async Task Kinds_follow_from_the_metadata()
    {
        var token = await server.TokenAsync(uses: 9, grants: [ClientGrant.AuthorizationCode, ClientGrant.ClientCredentials], scopes: ["openid", "orders.read"], profile: "legacy");
        async Task<Client> KindAsync(object metadata) => (await server.Get<ClientAdmin>().FindAsync((await server.RegisterAsync(token, metadata)).Text("client_id")))!;
        Assert.Equal(ClientKind.Web, (await KindAsync(new { redirect_uris = new[] { Callback } })).Kind);
        Assert.Equal(ClientKind.Browser, (await KindAsync(new { redirect_uris = new[] { Callback }, token_endpoint_auth_method = "none" })).Kind);
        Assert.Equal(ClientKind.Native, (await KindAsync(new { redirect_uris = new[] { "com.example.app:/callback" }, token_endpoint_auth_method = "none", application_type = "native" })).Kind);
        var service = await KindAsync(new { grant_types = new[] { "client_credentials" }, dpop_bound_access_tokens = true });
        Assert.Equal((ClientKind.Service, "orders.read", "dpop_bound_access_tokens", "legacy"), (service.Kind, Assert.Single(service.Scopes), Assert.Single(service.Rules), service.Profile));
    }

    [Fact]
    public async Task The_registration_says_how_old_a_sign_in_may_be()
    {
        await using var own = await SsoServer.StartAsync();
        var made = await own.RegisterAsync(await own.TokenAsync(), new { redirect_uris = new[] { Callback }, default_max_age = 60 });
        Assert.Equal(60, made.Body.GetProperty("default_max_age").GetInt32());
        var flow = new OidcFlow(own, new OidcApp(made.Text("client_id"), made.Text("client_secret"), Callback));
        await flow.TokensAsync();
        Assert.Null((await flow.AnswerAsync(("prompt", "none"))).Error);
        own.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("login_required", (await flow.AnswerAsync(("prompt", "none"))).Error);
        Assert.Null((await flow.AnswerAsync(("prompt", "none"), ("max_age", "3600"))).Error);
    }

    [Fact]
    public async Task AD_10_a_client_reads_changes_and_deletes_itself_by_its_own_token()
    {
        var made = await server.RegisterAsync(await server.TokenAsync(), Good);
        var (path, token) = (new Uri(made.Text("registration_client_uri")).AbsolutePath, made.Text("registration_access_token"));

        var read = await server.SendJsonAsync(HttpMethod.Get, path, token, null);
        Assert.Equal((HttpStatusCode.OK, "Kites"), (read.Status, read.Text("client_name")));
        Assert.False(read.Has("client_secret"));
        Assert.False(read.Has("registration_access_token"));

        var id = made.Text("client_id");
        var changed = await server.SendJsonAsync(HttpMethod.Put, path, token, JsonSerializer.Serialize(new { client_id = id, client_secret = made.Text("client_secret"), client_name = "Lamps", redirect_uris = new[] { Callback + "2" } }));
        Assert.Equal((HttpStatusCode.OK, "Lamps", "authorization_code"), (changed.Status, changed.Text("client_name"), Assert.Single(changed.Body.GetProperty("grant_types").EnumerateArray()).GetString()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendJsonAsync(HttpMethod.Get, path, token, null)).Status);

        token = changed.Text("registration_access_token");
        var tokens = await new OidcFlow(server, new OidcApp(id, made.Text("client_secret"), Callback + "2")).TokensAsync(("scope", "openid"));
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendJsonAsync(HttpMethod.Delete, path, token, null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendJsonAsync(HttpMethod.Get, path, token, null)).Status);
        Assert.False(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Null(await server.Get<ClientAdmin>().FindAsync(id));
    }

    [Fact]
    public async Task AD_10_tokens_of_others_open_nothing()
    {
        var initial = await server.TokenAsync(uses: 2);
        var one = await server.RegisterAsync(initial, Good);
        var other = await server.RegisterAsync(await server.TokenAsync(), Good);
        var path = new Uri(one.Text("registration_client_uri")).AbsolutePath;
        foreach (var token in new[] { other.Text("registration_access_token"), initial, one.Text("client_secret"), null })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
            {
                Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendJsonAsync(method, path, token, method == HttpMethod.Put ? "{}" : null)).Status);
            }
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendJsonAsync(HttpMethod.Get, "/connect/register/notes", one.Text("registration_access_token"), null)).Status);
        await server.Get<ClientAdmin>().SetEnabledAsync(one.Text("client_id"), false, "test");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendJsonAsync(HttpMethod.Get, path, one.Text("registration_access_token"), null)).Status);
    }

    [Theory]
    [InlineData("""{"redirect_uris":["https://app.example/callback"]}""", "client_id")]
    [InlineData("""{"client_id":"ID","client_secret":"another","redirect_uris":["https://app.example/callback"]}""", "client_secret")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.example/callback"],"scope":"openid orders.read"}""", "scope")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.example/callback"],"grant_types":["client_credentials"]}""", "grant_types")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.example/callback"],"token_endpoint_auth_method":"none"}""", "token_endpoint_auth_method")]
    public async Task AD_09_the_same_rules_hold_for_a_change(string metadata, string member)
    {
        var made = await server.RegisterAsync(await server.TokenAsync(), Good);
        var refused = await server.SendJsonAsync(HttpMethod.Put, new Uri(made.Text("registration_client_uri")).AbsolutePath, made.Text("registration_access_token"), metadata.Replace("ID", made.Text("client_id"), StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (refused.Status, refused.Error));
        Assert.Contains(member, refused.Text("error_description"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_admin_set_survives_a_change_by_the_client_and_the_other_way_round()
    {
        await using var own = await SsoServer.StartAsync();
        using var people = await PageForms.SignedInAsync(own, Person.Admin);
        var made = await own.RegisterAsync(await own.TokenAsync(), new { redirect_uris = new[] { Callback }, contacts = new[] { "a@app.example" }, default_max_age = 600, require_pushed_authorization_requests = true });
        var id = made.Text("client_id");
        var saved = await people.PressAsync("/admin/clients/edit?id=" + id, "#save", ("Form.AccessTokenSeconds", "120"));
        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        await ChangeAsync(own, id, client =>
        {
            client.Rules.Add(ClientRule.ClaimsInIdToken);
            client.Scopes.Add("orders.read");
            client.GrantTypes.Add(ClientGrant.TokenExchange);
            client.Exchange = new ExchangePolicy { From = ["https://orders.anthane.test"], To = ["https://orders.anthane.test"] };
        });

        var path = new Uri(made.Text("registration_client_uri")).AbsolutePath;
        var read = (await own.SendJsonAsync(HttpMethod.Get, path, made.Text("registration_access_token"), null)).Body;
        Assert.Equal(("a@app.example", 600), (read.GetProperty("contacts")[0].GetString(), read.GetProperty("default_max_age").GetInt32()));

        // What it reads it may send back, with what the admin gave it.
        var again = await own.SendJsonAsync(HttpMethod.Put, path, made.Text("registration_access_token"), read.GetRawText());
        Assert.Equal(HttpStatusCode.OK, again.Status);
        var client = (await own.Get<ClientAdmin>().FindAsync(id))!;
        Assert.Equal((120, 600), (client.AccessTokenSeconds, client.DefaultMaxAgeSeconds));
        Assert.Equal([ClientRule.ClaimsInIdToken, ClientRule.RequirePushedRequests], client.Rules.Order(StringComparer.Ordinal));
        Assert.Contains("orders.read", client.Scopes);
        Assert.Equal(["https://orders.anthane.test"], client.Exchange!.To);

        // Replacing is whole: what it leaves out is gone, and what is an admin's alone is not.
        var token = again.Body.GetProperty("registration_access_token").GetString();
        var less = await own.SendJsonAsync(HttpMethod.Put, path, token, JsonSerializer.Serialize(new { client_id = id, redirect_uris = new[] { Callback }, scope = "openid" }));
        Assert.Equal(HttpStatusCode.OK, less.Status);
        Assert.False(less.Body.TryGetProperty("contacts", out _));
        client = (await own.Get<ClientAdmin>().FindAsync(id))!;
        Assert.Equal((120, null, null, null), (client.AccessTokenSeconds, client.DefaultMaxAgeSeconds, client.OtherMetadata, client.Exchange));
        Assert.Equal([ClientRule.ClaimsInIdToken], client.Rules);

        // Given up is given up: the token it registered with never allowed it.
        token = less.Body.GetProperty("registration_access_token").GetString();
        var back = await own.SendJsonAsync(HttpMethod.Put, path, token, JsonSerializer.Serialize(new { client_id = id, redirect_uris = new[] { Callback }, scope = "openid orders.read" }));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (back.Status, back.Body.GetProperty("error").GetString()));
    }

    private static async Task ChangeAsync(SsoServer server, string clientId, Action<Client> change)
    {
        var admin = server.Get<ClientAdmin>();
        var client = (await admin.FindAsync(clientId))!;
        change(client);
        Assert.Empty((await admin.UpdateAsync(client, "test")).Problems);
    }

    [Fact]
    public async Task AD_11_and_AD_16_who_registered_what_is_on_record_and_no_token_or_secret_is()
    {
        await using var own = await SsoServer.StartAsync();
        var initial = await own.TokenAsync();
        var made = await own.RegisterAsync(initial, Good);
        await using var db = own.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var rows = await db.Set<AuditRow>().Where(row => row.Action == "client.create" || row.Action == "registration.token.create").ToListAsync(TestContext.Current.CancellationToken);
        var token = Assert.Single(rows, row => row.Action == "registration.token.create").Target;
        Assert.Equal($"registration:{token}", Assert.Single(rows, row => row.Target == made.Text("client_id")).Actor);
        var all = JsonSerializer.Serialize(await db.Set<AuditRow>().ToListAsync(TestContext.Current.CancellationToken)) + JsonSerializer.Serialize(await db.Set<InitialAccessToken>().ToListAsync(TestContext.Current.CancellationToken));
        Assert.All(new[] { initial, made.Text("client_secret"), made.Text("registration_access_token") }, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
    }
}
