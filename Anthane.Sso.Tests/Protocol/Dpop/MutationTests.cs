using System.Net;
using System.Text;
using System.Text.Json;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Dpop;

/// <summary>Good proofs with accidents in them, always the same ones: no error of the server, and none is accepted that a strict reader refuses.</summary>
public sealed class MutationTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Letters = "abcXYZ019-_.=+/ ,{}[]\":\\u0\t";
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task A_proof_whose_text_was_changed_is_refused_wherever_the_change_is()
    {
        using var sender = new DpopSender(server);
        var chance = new Chance("text");
        var mutated = Enumerable.Range(0, Rounds.Of(10_000)).Select(_ => Change(sender.ForToken(), chance)).ToList();
        await Parallel.ForEachAsync(mutated, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (proof, _) =>
        {
            var answer = await server.WorkerAsync(proof);
            Assert.True((answer.Status, answer.Error) == (HttpStatusCode.BadRequest, "invalid_dpop_proof"), $"{answer.Status} for {proof}");
        });
    }

    [Fact]
    public async Task A_proof_whose_words_were_changed_before_it_was_signed_is_accepted_only_if_it_still_says_the_same()
    {
        using var sender = new DpopSender(server);
        var chance = new Chance("words");
        var mutated = Enumerable.Range(0, Rounds.Of(10_000)).Select(i =>
        {
            var parts = sender.ForToken().Split('.').Select(part => Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(part))).ToArray();
            return i % 2 == 0 ? (Header: Change(parts[0], chance), Claims: parts[1]) : (Header: parts[0], Claims: Change(parts[1], chance));
        }).ToList();
        await Parallel.ForEachAsync(mutated, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (words, _) =>
        {
            var answer = await server.WorkerAsync(sender.Sign(words.Header, words.Claims));
            var accepted = answer.Status == HttpStatusCode.OK;
            Assert.True(accepted || answer.Status == HttpStatusCode.BadRequest, $"{answer.Status} for {words}");
            Assert.True(!accepted || SaysTheSame(words.Header, words.Claims, sender), $"accepted: {words}");
        });
    }

    [Fact]
    public async Task Thumbprints_with_accidents_are_refused_when_they_are_pushed()
    {
        using var sender = new DpopSender(server);
        var flow = new OidcFlow(server, OidcApp.Notes);
        var chance = new Chance("thumbprints");
        for (var i = 0; i < Rounds.Of(2_000); i++)
        {
            var thumbprint = Change(sender.Thumbprint, chance);
            var answer = await flow.PushAsync([sender.ForPar()], ("dpop_jkt", thumbprint));
            Assert.True(answer.Status == HttpStatusCode.BadRequest && answer.Error is "invalid_request" or "invalid_dpop_proof", $"{answer.Status} for {thumbprint}");
        }
    }

    /// <summary>One to three accidents; the result differs from the text.</summary>
    private static string Change(string text, Chance chance)
    {
        var changed = text;
        for (var left = 1 + chance.Below(3); left > 0 || changed == text; left--)
        {
            var at = chance.Below(changed.Length);
            var length = Math.Min(1 + chance.Below(8), changed.Length - at);
            changed = chance.Below(5) switch
            {
                0 => changed.Remove(at, length),
                1 => changed.Insert(at, changed.Substring(at, length)),
                2 => changed.Insert(at, Letters[chance.Below(Letters.Length)].ToString()),
                3 => changed[..at] + Letters[chance.Below(Letters.Length)] + changed[(at + 1)..],
                _ => changed[..at] + (char.IsUpper(changed[at]) ? char.ToLowerInvariant(changed[at]) : char.ToUpperInvariant(changed[at])) + changed[(at + 1)..],
            };

            // Blanks around the value of a header are not part of it.
            changed = changed.Trim() is { Length: > 0 } rest ? rest : ".";
        }

        return changed;
    }

    /// <summary>What every reader must find in it, by a reader that has nothing in common with the server's.</summary>
    private bool SaysTheSame(string header, string claims, DpopSender sender)
    {
        var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
        using var head = JsonDocument.Parse(header, strict);
        using var body = JsonDocument.Parse(claims, strict);
        var jwk = head.RootElement.GetProperty("jwk");
        var claim = body.RootElement;
        return head.RootElement.GetProperty("typ").GetString() == "dpop+jwt"
            && head.RootElement.GetProperty("alg").GetString() == "ES256"
            && !head.RootElement.TryGetProperty("crit", out _)
            && new[] { "kty", "crv", "x", "y" }.All(name => jwk.GetProperty(name).GetString() == (string?)sender.Jwk[name])
            && claim.GetProperty("htm").GetString() == "POST"
            && new Uri(claim.GetProperty("htu").GetString()!).GetLeftPart(UriPartial.Path) == server.Issuer + "/connect/token"
            && claim.GetProperty("jti").GetString()!.Length is > 0 and <= 256
            && Math.Abs(claim.GetProperty("iat").GetDouble() - server.Clock.GetUtcNow().ToUnixTimeSeconds()) <= 60;
    }
}
