using Anthane.Oidc.Resources;

namespace Anthane.Sso.Tests.Protocol.Clients;

public sealed class ApiRulesTests
{
    private const string Issuer = "https://sso.example";

    [Fact]
    public void An_API_with_a_name_an_audience_and_scopes_is_valid()
    {
        Assert.Empty(ApiRules.Check(Orders(), [Read()], Issuer));
    }

    [Theory]
    [InlineData("Orders\u202e", "Name")]
    [InlineData("Orders\n", "Name")]
    [InlineData(" ", "Name")]
    public void A_name_that_could_look_like_another_is_refused(string name, string field)
    {
        var api = Orders();
        api.Name = name;
        Assert.Equal(field, Assert.Single(ApiRules.Check(api, [Read()], Issuer)).Field);
    }

    [Theory]
    [InlineData("orders", "Audience")]
    [InlineData("https://orders.example#x", "Audience")]
    [InlineData("https://sso.example", "Audience")]
    [InlineData("https://sso.example/", "Audience")]
    public void An_audience_is_an_absolute_address_and_not_the_issuer(string audience, string field)
    {
        var api = new Api { Audience = audience, Name = "Orders" };
        Assert.Equal(field, Assert.Single(ApiRules.Check(api, [], Issuer)).Field);
    }

    [Theory]
    [InlineData("openid", "See")]
    [InlineData("orders read", "See")]
    [InlineData("orders.read", "See\u2066 it all")]
    public void A_scope_has_a_legal_name_of_its_own_and_words_that_stay_in_line(string name, string words)
    {
        Assert.Equal("Scopes", Assert.Single(ApiRules.Check(Orders(), [new ApiScope { Name = name, Audience = "https://orders.example", DisplayName = words }], Issuer)).Field);
    }

    private static Api Orders() => new() { Audience = "https://orders.example", Name = "Orders", Claims = ["email"] };

    private static ApiScope Read() => new() { Name = "orders.read", Audience = "https://orders.example", DisplayName = "See your orders" };
}
