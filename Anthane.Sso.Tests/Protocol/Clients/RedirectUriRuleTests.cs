using Anthane.Oidc.Clients;

namespace Anthane.Sso.Tests.Protocol.Clients;

public sealed class RedirectUriRuleTests
{
    [Theory]
    [InlineData("https://app.example/cb")]
    [InlineData("https://app.example")]
    [InlineData("https://app.example:8443/cb?tenant=a%20b")]
    [InlineData("https://app.example/@user/cb")]
    [InlineData("https://xn--bcher-kva.example/cb")]
    [InlineData("http://localhost:8601/callback")]
    [InlineData("http://127.0.0.1/cb")]
    [InlineData("http://[::1]:4000/cb")]
    public void Any_client_with_a_browser_may_register(string uri)
    {
        Assert.Null(RedirectUris.Problem(uri, ClientKind.Web));
        Assert.Null(RedirectUris.Problem(uri, ClientKind.Browser));
        Assert.Null(RedirectUris.Problem(uri, ClientKind.Native));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/cb")]
    [InlineData("app.example/cb")]
    [InlineData("http://app.example/cb")]
    [InlineData("http://127.0.0.1.evil.test/cb")]
    [InlineData("http://10.0.0.1/cb")]
    [InlineData("http://127.1/cb")]
    [InlineData("http://2130706433/cb")]
    [InlineData("http://0x7f.0.0.1/cb")]
    [InlineData("https://user@app.example/cb")]
    [InlineData("https://user:password@app.example/cb")]
    [InlineData("https://@app.example/cb")]
    [InlineData("HTTPS://app.example/cb")]
    [InlineData("https://App.example/cb")]
    [InlineData("https://app.example/cb#")]
    [InlineData("https://app.example/cb#f")]
    [InlineData("https://app.example/*")]
    [InlineData("https://*.app.example/cb")]
    [InlineData("https://app.example/a/../cb")]
    [InlineData("https://app.example/./cb")]
    [InlineData("https://app.example/%2e%2E/cb")]
    [InlineData("https://app.example/a%2fcb")]
    [InlineData("https://app.example/a%5Ccb")]
    [InlineData("https://app.example\\cb")]
    [InlineData("https:app.example/cb")]
    [InlineData("https:/app.example/cb")]
    [InlineData("https:///cb")]
    [InlineData("https://app.example/c b")]
    [InlineData("https://app.example/cb\n")]
    [InlineData("https://b\u00fccher.example/cb")]
    [InlineData("https://app%2eexample/cb")]
    [InlineData("javascript:alert(1)")]
    [InlineData("com.example.app:/cb\u0000")]
    public void No_client_may_register(string uri)
    {
        Assert.NotNull(RedirectUris.Problem(uri, ClientKind.Web));
        Assert.NotNull(RedirectUris.Problem(uri, ClientKind.Native));
    }

    [Fact]
    public void Two_thousand_characters_are_the_most()
    {
        Assert.Null(RedirectUris.Problem("https://app.example/" + new string('a', 1980), ClientKind.Web));
        Assert.NotNull(RedirectUris.Problem("https://app.example/" + new string('a', 1981), ClientKind.Web));
    }

    [Fact]
    public void A_private_scheme_is_for_native_apps_and_has_a_dot()
    {
        Assert.Null(RedirectUris.Problem("com.example.app:/cb", ClientKind.Native));
        Assert.NotNull(RedirectUris.Problem("com.example.app:/cb", ClientKind.Web));
        Assert.NotNull(RedirectUris.Problem("com.example.app:/cb", ClientKind.Browser));
        Assert.NotNull(RedirectUris.Problem("myapp:/cb", ClientKind.Native));
    }

    [Theory]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", true)]
    [InlineData("http://[::1]/cb", "http://[::1]:5000/cb", true)]
    [InlineData("http://[::1]/cb", "http://127.0.0.1:5000/cb", false)]
    [InlineData("http://127.0.0.1", "http://127.0.0.1:5000", true)]
    [InlineData("http://127.0.0.1", "http://127.0.0.1:5000/", false)]
    [InlineData("http://127.0.0.1:4000/cb", "http://127.0.0.1:5000/cb", false)]
    [InlineData("http://localhost/cb", "http://localhost:5000/cb", false)]
    [InlineData("https://127.0.0.1/cb", "https://127.0.0.1:5000/cb", false)]
    [InlineData("http://127.0.0.1/cb?a=1", "http://127.0.0.1:5000/cb?a=1", true)]
    [InlineData("http://127.0.0.1/cb?a=1", "http://127.0.0.1:5000/cb?a=2", false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:5000/CB", false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb", false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:5000:6000/cb", false)]
    [InlineData("https://app.example/cb", "https://app.example/cb", true)]
    [InlineData("https://app.example/cb", "https://app.example/cb?", false)]
    public void A_request_matches_byte_by_byte_but_for_a_free_loopback_port(string registered, string requested, bool expected) =>
        Assert.Equal(expected, RedirectUris.Matches(registered, requested));

    [Theory]
    [InlineData("http://127.0.0.1/cb", true)]
    [InlineData("http://[::1]/cb", true)]
    [InlineData("com.example.app:/cb", true)]
    [InlineData("https.example.app:/cb", true)]
    [InlineData("httpx.example:/cb", true)]
    [InlineData("http://127.0.0.1:4000/cb", false)]
    [InlineData("http://localhost/cb", false)]
    [InlineData("https://app.example/cb", false)]
    public void Whoever_answers_at_a_free_port_or_a_private_scheme_is_not_known(string registered, bool expected) =>
        Assert.Equal(expected, RedirectUris.IsOfNativeApp(registered));
}
