using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Protocol.ClientDocuments;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Discovery;

/// <summary>KD-13: walks the metadata document and tries every value that it lists, and well-known ones that it does not.</summary>
public sealed class MetadataWalkTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task KD_13_every_endpoint_listed_is_there()
    {
        var metadata = await MetadataAsync();
        foreach (var member in metadata.EnumerateObject().Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal) || member.Name == "jwks_uri"))
        {
            var path = member.Value.GetString()![server.Issuer.Length..];
            var status = (await server.GetAsync(path + "?client_id=notes&redirect_uri=http%3A%2F%2Flocalhost%3A8601%2Fcallback")).StatusCode;
            var expected = member.Name switch
            {
                "jwks_uri" => HttpStatusCode.OK,
                "userinfo_endpoint" => HttpStatusCode.Unauthorized,
                "authorization_endpoint" => HttpStatusCode.SeeOther,
                "end_session_endpoint" => status,
                _ => HttpStatusCode.MethodNotAllowed,
            };
            Assert.True(status == expected && status != HttpStatusCode.NotFound, $"{member.Name}: {status}");
        }

        foreach (var absent in new[] { "check_session_iframe", "frontchannel_logout_supported", "frontchannel_logout_session_supported" })
        {
            Assert.False(metadata.TryGetProperty(absent, out _));
        }
    }

    [Fact]
    public async Task KD_13_every_grant_listed_works_and_no_other()
    {
        var flow = await server.SignedInAsync();
        var code = (await flow.AnswerAsync()).Code;
        var refreshToken = (await flow.TokensAsync()).RefreshToken;
        foreach (var grant in await ListAsync("grant_types_supported"))
        {
            var answer = grant switch
            {
                "authorization_code" => await flow.RedeemAsync(code),
                "refresh_token" => await flow.RefreshAsync(refreshToken),
                "client_credentials" => await server.PostFormAsync("/connect/token", BackChannel.Worker),
                ExchangeRun.Grant => await server.ExchangeAsync(
                    await ExchangeRun.ServiceAsync(server, change: client => (client.Scopes, client.Exchange) = (["orders.read"], new() { From = [ExchangeRun.Orders], To = [ExchangeRun.Orders] })),
                    (await flow.TokensAsync(("scope", "openid orders.read"))).AccessToken,
                    ("resource", ExchangeRun.Orders)),
                DeviceRun.Grant => await DeviceAsync(flow.Browser),
                _ => throw new InvalidOperationException($"The walk does not know {grant}."),
            };
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        }

        foreach (var grant in await UnlistedAsync("grant_types_supported", "implicit", "password", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange", "urn:openid:params:grant-type:ciba"))
        {
            Assert.Equal("unsupported_grant_type", (await flow.TokenAsync([("grant_type", grant)])).Error);
        }
    }

    [Fact]
    public async Task KD_13_every_response_type_and_mode_listed_works_and_no_other()
    {
        var flow = await server.SignedInAsync();
        foreach (var type in await ListAsync("response_types_supported"))
        {
            foreach (var mode in await ListAsync("response_modes_supported"))
            {
                var answer = await flow.AnswerAsync(("response_type", type), ("response_mode", mode));
                Assert.NotEmpty(answer.Code);
                Assert.Equal(server.Issuer, answer.Issuer);
            }
        }

        foreach (var type in await UnlistedAsync("response_types_supported", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none", "CODE"))
        {
            Assert.Equal("unsupported_response_type", (await flow.AnswerAsync(("response_type", type))).Error);
        }

        foreach (var mode in await UnlistedAsync("response_modes_supported", "fragment", "web_message", "jwt", "query.jwt", "form_post.jwt", "QUERY"))
        {
            Assert.Equal("invalid_request", (await flow.AnswerAsync(("response_mode", mode))).Error);
        }
    }

    [Fact]
    public async Task KD_13_every_method_of_client_authentication_listed_works_and_no_other()
    {
        var web = await OidcApp.RegisterAsync(server, client =>
        {
            client.FirstParty = true;
            client.Rules.Add(ClientRule.IntrospectAny);
        });
        var signing = await SigningClient.RegisterAsync(server);
        foreach (var (list, path) in new[] { ("token_endpoint_auth_methods_supported", "/connect/token"), ("revocation_endpoint_auth_methods_supported", "/connect/revoke"), ("introspection_endpoint_auth_methods_supported", "/connect/introspect") })
        {
            foreach (var method in await ListAsync(list))
            {
                var app = method switch
                {
                    "client_secret_basic" => web,
                    "client_secret_post" => web with { PostSecret = true },
                    "private_key_jwt" => signing.App,
                    "none" => OidcApp.Notes,
                    _ => throw new InvalidOperationException($"The walk does not know {method}."),
                };
                var flow = await server.SignedInAsync(app);
                var token = (await flow.TokensAsync()).RefreshToken;
                var answer = path == "/connect/token" ? await flow.RefreshAsync(token) : await flow.PostAsync(path, [("token", token)]);
                Assert.True(answer.Status == HttpStatusCode.OK, $"{method} at {path}: {answer.Body}");
            }

            foreach (var method in await UnlistedAsync(list, "none", "client_secret_jwt"))
            {
                var answer = method == "none"
                    ? await server.PostFormAsync(path, ("client_id", "notes"), ("token", "x"))
                    : await SigningClient.PostAsync(server, path, signing.Assertion(header: header => header["alg"] = "HS256"), ("token", "x"));
                Assert.Equal("invalid_client", answer.Error);
            }
        }
    }

    [Fact]
    public async Task KD_13_every_algorithm_of_client_assertions_listed_works_and_no_other()
    {
        foreach (var (list, path) in new[] { ("token", "/connect/token"), ("revocation", "/connect/revoke"), ("introspection", "/connect/introspect") })
        {
            var name = $"{list}_endpoint_auth_signing_alg_values_supported";
            foreach (var algorithm in await ListAsync(name))
            {
                var client = await SigningClient.RegisterAsync(server, algorithm == "ES256" ? TestKey.Ec() : TestKey.Rsa(algorithm: algorithm));
                var answer = await SigningClient.PostAsync(server, path, client.Assertion(), ("grant_type", "client_credentials"), ("token", "x"));
                Assert.True(answer.Status == HttpStatusCode.OK, $"{algorithm} at {path}: {answer.Body}");
            }

            foreach (var algorithm in await UnlistedAsync(name, "none", "HS256", "RS384", "RS512", "PS512", "ES384", "EdDSA"))
            {
                var client = await SigningClient.RegisterAsync(server);
                Assert.Equal("invalid_client", (await SigningClient.PostAsync(server, path, client.Assertion(header: header => header["alg"] = algorithm), ("token", "x"))).Error);
            }
        }
    }

    [Fact]
    public async Task KD_13_every_scope_and_claim_listed_is_given_and_no_other()
    {
        var scopes = await ListAsync("scopes_supported");
        var flow = await server.SignedInAsync();
        foreach (var scope in scopes)
        {
            Assert.Contains(scope, (await flow.TokensAsync(("scope", scope))).Text("scope"), StringComparison.Ordinal);
        }

        foreach (var scope in await UnlistedAsync("scopes_supported", "admin", "roles", "OPENID", "orders.delete"))
        {
            Assert.Equal("invalid_scope", (await flow.AnswerAsync(("scope", "openid " + scope))).Error);
        }

        var tokens = await flow.TokensAsync(("scope", string.Join(' ', scopes)));
        var given = JsonAnswer.PayloadOf(tokens.IdToken).EnumerateObject().Concat((await flow.UserInfoAsync(tokens.AccessToken)).Body.EnumerateObject()).Select(member => member.Name);
        Assert.Equal((await ListAsync("claims_supported")).Order(StringComparer.Ordinal), given.Distinct().Order(StringComparer.Ordinal));
        foreach (var algorithm in await ListAsync("id_token_signing_alg_values_supported"))
        {
            var signed = await new OidcFlow(server, await OidcApp.RegisterAsync(server, client => client.IdTokenSignedResponseAlg = algorithm)).TokensAsync();
            Assert.Equal(algorithm, JsonAnswer.HeaderOf(signed.IdToken).GetProperty("alg").GetString());
        }

        foreach (var algorithm in await UnlistedAsync("id_token_signing_alg_values_supported", "none", "HS256", "RS512", "EdDSA", "ES384"))
        {
            var refused = await server.RegisterAsync(await server.TokenAsync(), new { redirect_uris = new[] { "https://app.example/callback" }, id_token_signed_response_alg = algorithm });
            Assert.Equal("invalid_client_metadata", refused.Error);
        }
    }

    [Fact]
    public async Task KD_13_every_prompt_challenge_method_and_acr_value_listed_works_and_no_other()
    {
        foreach (var prompt in await ListAsync("prompt_values_supported"))
        {
            var flow = await server.SignedInAsync();
            var answer = await flow.AuthorizeAsync(("prompt", prompt));
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            var location = answer.Headers.Location!.OriginalString;
            Assert.True(location.StartsWith(prompt == "none" ? flow.App.RedirectUri + "?code=" : server.Issuer + "/", StringComparison.Ordinal), $"{prompt}: {location}");
        }

        var session = await server.SignedInAsync();
        foreach (var prompt in await UnlistedAsync("prompt_values_supported", "signin", "LOGIN", "none login"))
        {
            Assert.Equal("invalid_request", (await session.AnswerAsync(("prompt", prompt))).Error);
        }

        Assert.Equal(["S256"], await ListAsync("code_challenge_methods_supported"));
        foreach (var method in new[] { "plain", "s256", "S512", null })
        {
            Assert.Equal("invalid_request", (await session.AnswerAsync(("code_challenge_method", method))).Error);
        }

        foreach (var acr in await ListAsync("acr_values_supported"))
        {
            Assert.Equal(acr, JsonAnswer.PayloadOf((await session.TokensAsync(("acr_values", acr))).IdToken).GetProperty("acr").GetString());
        }
    }

    [Fact]
    public async Task KD_13_every_algorithm_of_proofs_listed_works_and_no_other()
    {
        using var ec = new DpopSender(server);
        using var rsa = new DpopSender(server, RSA.Create(2048));
        foreach (var algorithm in await ListAsync("dpop_signing_alg_values_supported"))
        {
            var sender = new[] { ec, rsa }.Single(sender => sender.Algorithm == algorithm);
            Assert.Equal("DPoP", (await server.WorkerAsync(sender.ForToken())).Text("token_type"));
        }

        foreach (var algorithm in await UnlistedAsync("dpop_signing_alg_values_supported", "RS256", "RS384", "PS384", "PS512", "ES384", "ES512", "EdDSA", "Ed25519", "HS256", "none"))
        {
            Assert.Equal("invalid_dpop_proof", (await server.WorkerAsync((algorithm[1] == 'S' && algorithm[0] != 'E' ? rsa : ec).ForToken((header, _) => header["alg"] = algorithm))).Error);
        }
    }

    [Fact]
    public async Task KD_13_what_is_said_not_to_be_supported_is_refused_or_without_effect()
    {
        var flow = await server.SignedInAsync();
        Assert.Equal("request_not_supported", (await flow.AnswerAsync(("request", "a.b.c"))).Error);
        Assert.Equal("request_uri_not_supported", (await flow.AnswerAsync(("request_uri", "http://127.0.0.1:9/x"))).Error);
        Assert.True((await MetadataAsync()).GetProperty("authorization_response_iss_parameter_supported").GetBoolean());
    }

    [Fact]
    public async Task KD_13_the_claims_parameter_works_as_listed()
    {
        Assert.True((await MetadataAsync()).GetProperty("claims_parameter_supported").GetBoolean());
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync(("claims", """{"id_token":{"email":{"essential":true}}}"""));
        Assert.Equal(Person.Alice.UserName, JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("email").GetString());
        Assert.Equal("invalid_request", (await flow.AnswerAsync(("claims", "{"))).Error);
    }

    [Fact]
    public async Task KD_13_client_id_metadata_documents_work_as_listed()
    {
        Assert.True((await MetadataAsync()).GetProperty("client_id_metadata_document_supported").GetBoolean());
        await using var host = new DocumentHost();
        Assert.Equal("openid", (await new OidcFlow(server, host.App).TokensAsync()).Text("scope"));
    }

    [Fact]
    public async Task KD_13_back_channel_logout_works_as_listed_with_the_session()
    {
        var metadata = await MetadataAsync();
        Assert.True(metadata.GetProperty("backchannel_logout_supported").GetBoolean());
        Assert.True(metadata.GetProperty("backchannel_logout_session_supported").GetBoolean());
        await using var receiver = await LogoutReceiver.StartAsync();
        var flow = await server.SignedInAsync(await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.BackchannelLogoutUri) = (true, receiver.Address + "/walk")));
        var tokens = await flow.TokensAsync();
        await flow.EndSessionAsync(("id_token_hint", tokens.IdToken));
        var told = JsonAnswer.PayloadOf(Assert.Single(await receiver.WaitAsync("/walk")).Token);
        Assert.Equal(JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("sid").GetString(), told.GetProperty("sid").GetString());
        Assert.False(metadata.TryGetProperty("frontchannel_logout_supported", out _));
    }

    private async Task<JsonAnswer> DeviceAsync(TestBrowser browser)
    {
        var device = new OidcFlow(server, await DeviceRun.TelevisionAsync(server), browser);
        return await device.PollAsync(await device.AllowedAsync());
    }

    private async Task<JsonElement> MetadataAsync() => (await server.GetJsonAsync("/.well-known/openid-configuration")).Body;

    private async Task<string[]> ListAsync(string name) => (await MetadataAsync()).GetProperty(name).EnumerateArray().Select(value => value.GetString()!).ToArray();

    private async Task<IEnumerable<string>> UnlistedAsync(string name, params string[] known)
    {
        var listed = await ListAsync(name);
        Assert.NotEmpty(listed);
        return known.Except(listed);
    }
}
