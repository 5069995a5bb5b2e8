using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>What the FAPI 2.0 module about the claims parameter checks: it asks for every claim that discovery lists, and a few unknown ones.</summary>
public sealed class Fapi2ClaimsTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task fapi2_security_profile_final_test_claims_parameter_identity_claims()
    {
        var metadata = (await server.GetJsonAsync("/.well-known/openid-configuration")).Body;
        Assert.True(metadata.GetProperty("claims_parameter_supported").GetBoolean());
        var supported = metadata.GetProperty("claims_supported").EnumerateArray().Select(name => name.GetString()!).ToArray();
        var wishes = supported.Append("unheard_of").ToDictionary(name => name, _ => (object?)null);
        var app = await OidcApp.RegisterAsync(server, client => client.Rules = [ClientRule.RequirePushedRequests]);
        var flow = await server.SignedInAsync(app);
        var code = await flow.CodeOfAsync(await flow.PushAsync([], ("claims", JsonSerializer.Serialize(new { id_token = wishes, userinfo = wishes }))));
        var tokens = await flow.RedeemAsync(code);
        var idToken = JsonAnswer.PayloadOf(tokens.IdToken).EnumerateObject().Select(claim => claim.Name);
        Assert.Equal(supported.Order(StringComparer.Ordinal), idToken.Order(StringComparer.Ordinal));

        string[] ofTheIdTokenAlone = ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"];
        var userInfo = (await flow.UserInfoAsync(tokens.AccessToken)).Body.EnumerateObject().Select(claim => claim.Name);
        Assert.Equal(supported.Except(ofTheIdTokenAlone).Order(StringComparer.Ordinal), userInfo.Order(StringComparer.Ordinal));
    }
}
