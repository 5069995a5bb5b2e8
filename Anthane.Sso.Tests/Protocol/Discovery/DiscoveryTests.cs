using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Anthane.Oidc;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Discovery;

/// <summary>The two documents that everybody reads: made from the configured issuer, cacheable, and without anything private.</summary>
public sealed class DiscoveryTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Metadata = "/.well-known/openid-configuration";
    private const string Jwks = "/.well-known/jwks.json";
    private readonly SsoServer server = fixture.Server;

    [Theory]
    [InlineData("Host", "evil.test")]
    [InlineData("X-Forwarded-Host", "evil.test")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Forwarded", "host=evil.test;proto=https")]
    [InlineData("X-Forwarded-Prefix", "/evil")]
    public async Task KD_02_no_header_changes_the_issuer(string name, string value)
    {
        var answer = await server.GetAsync(Metadata, (name, value));
        if (answer.StatusCode == HttpStatusCode.BadRequest)
        {
            return;
        }

        var document = (await JsonAnswer.ReadAsync(answer)).Body;
        Assert.Equal(server.Issuer, document.GetProperty("issuer").GetString());
        Assert.DoesNotContain("evil", document.ToString(), StringComparison.Ordinal);
        var urls = document.EnumerateObject().Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal) || member.Name == "jwks_uri").ToList();
        Assert.True(urls.Count >= 8, document.ToString());
        Assert.All(urls, member => Assert.StartsWith(server.Issuer + "/", member.Value.GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task KD_03_a_request_line_for_another_host_than_the_header_names_is_400()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Address.Host, server.Address.Port, TestContext.Current.CancellationToken);
        var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET http://evil.test{Metadata} HTTP/1.1\r\nHost: {server.Address.Authority}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Contains(" 400 ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KD_11_keys_show_their_public_part_alone_and_are_large_enough()
    {
        var keys = (await server.GetJsonAsync(Jwks)).Body.GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal(2, keys.Count);
        Assert.Equal(2, keys.Select(key => key.GetProperty("kid").GetString()).Distinct().Count());
        foreach (var key in keys)
        {
            Assert.Equal(["alg", "e", "kid", "kty", "n", "use"], key.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
            Assert.Equal("RSA", key.GetProperty("kty").GetString());
            Assert.Equal("RS256", key.GetProperty("alg").GetString());
            Assert.Equal("sig", key.GetProperty("use").GetString());
            Assert.Equal("AQAB", key.GetProperty("e").GetString());
            var modulus = Base64UrlEncoder.DecodeBytes(key.GetProperty("n").GetString());
            Assert.True(modulus.Length >= 256 && modulus[0] >= 0x80, "At least 2048 bits.");
            Assert.Matches("^[A-Za-z0-9_-]{22}$", key.GetProperty("kid").GetString());
        }
    }

    [Theory]
    [InlineData(Metadata)]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData(Jwks)]
    public async Task KD_12_documents_may_be_cached_for_at_most_half_the_announcement_and_a_query_changes_nothing(string path)
    {
        var plain = await server.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        var age = plain.Headers.CacheControl!.MaxAge!.Value;
        Assert.InRange(age, TimeSpan.FromMinutes(1), server.Get<OidcOptions>().Keys.AnnounceFor / 2);
        var tag = plain.Headers.ETag!.ToString();
        for (var i = 0; i < 3; i++)
        {
            var varied = await server.GetAsync($"{path}?x={i}");
            Assert.Equal(tag, varied.Headers.ETag!.ToString());
            Assert.Equal(await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await varied.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(HttpStatusCode.NotModified, (await server.GetAsync(path, ("If-None-Match", tag))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path, ("If-None-Match", "\"other\""))).StatusCode);
    }

    [Fact]
    public async Task Both_places_have_the_same_metadata_and_it_states_what_is_not_supported()
    {
        var openid = (await server.GetJsonAsync(Metadata)).Body;
        var oauth = (await server.GetJsonAsync("/.well-known/oauth-authorization-server")).Body;
        Assert.Equal(openid.ToString(), oauth.ToString());
        foreach (var off in new[] { "request_parameter_supported", "request_uri_parameter_supported" })
        {
            Assert.Equal(JsonValueKind.False, openid.GetProperty(off).ValueKind);
        }
    }
}
