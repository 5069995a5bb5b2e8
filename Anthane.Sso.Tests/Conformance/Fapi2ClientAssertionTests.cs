using System.Net;
using System.Text.Json.Nodes;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>The modules of fapi2-security-profile-final-test-plan about client assertions, each at the endpoint where the suite tries it and at the other one.</summary>
public sealed class Fapi2ClientAssertionTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task fapi2_security_profile_final_ensure_signed_client_assertion_with_RS256_fails()
    {
        var client = await SigningClient.RegisterAsync(server, TestKey.Rsa(algorithm: "PS256"), row => (row.Profile, row.Jwks) = (ClientProfile.Fapi2.Name, SigningClient.Jwks(AnyPss())));
        await ExpectAsync(client, true, () => client.Assertion());
        await ExpectAsync(client, false, () => client.Assertion(key: TestKey.Rsa()));
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint()
    {
        var client = await SigningClient.RegisterAsync(server);
        foreach (var path in new[] { "/connect/token", "/connect/par" })
        {
            var answer = await server.PostFormAsync(path, ("grant_type", "client_credentials"), ("client_id", client.ClientId));
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
        }
    }

    [Fact]
    public Task fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails() => ExpectAsync(false, (_, claims) => claims["exp"] = Now - 300);

    [Fact]
    public Task fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails() => ExpectAsync(false, (_, claims) => claims["aud"] = "https://other.example");

    [Fact]
    public Task fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails() => ExpectAsync(false, (_, claims) => claims.Remove("sub"));

    [Fact]
    public Task fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted() => ExpectAsync(true, (_, claims) => claims["nbf"] = Now + 8);

    [Fact]
    public Task fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails() => ExpectAsync(false, (_, claims) => (claims["nbf"], claims["exp"]) = (Now + 62, Now + 120));

    [Fact]
    public Task fapi2_security_profile_final_par_test_array_as_audience_fails() => ExpectAsync(false, (_, claims) => claims["aud"] = new JsonArray(server.Issuer));

    [Fact]
    public Task fapi2_security_profile_final_par_test_par_endpoint_url_as_audience_fails() => ExpectAsync(false, (_, claims) => claims["aud"] = server.Issuer + "/connect/par");

    [Fact]
    public Task fapi2_security_profile_final_par_test_token_endpoint_url_as_audience_fails() => ExpectAsync(false, (_, claims) => claims["aud"] = server.Issuer + "/connect/token");

    /// <summary>A key that leaves open what it signs with.</summary>
    private static TestKey AnyPss()
    {
        var key = TestKey.Rsa(algorithm: "PS256");
        key.Jwk.Remove("alg");
        return key;
    }

    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    private async Task ExpectAsync(bool accepted, Action<SigningClient, JsonObject> change)
    {
        var client = await SigningClient.RegisterAsync(server, TestKey.Rsa(algorithm: "PS256"));
        await ExpectAsync(client, accepted, () => client.Assertion(claims => change(client, claims)));
    }

    private static async Task ExpectAsync(SigningClient client, bool accepted, Func<string> assertion)
    {
        using var sender = new DpopSender(client.Server);
        var token = await client.Server.PostAsync("/connect/token", [sender.ForToken()], ("grant_type", "client_credentials"), ("client_assertion_type", SigningClient.AssertionType), ("client_assertion", assertion()));
        var par = await client.PushAsync(assertion());
        Assert.Equal(
            accepted ? (HttpStatusCode.OK, null, HttpStatusCode.Created, null) : (HttpStatusCode.Unauthorized, "invalid_client", HttpStatusCode.Unauthorized, "invalid_client"),
            (token.Status, token.Error, par.Status, par.Error));
    }
}
