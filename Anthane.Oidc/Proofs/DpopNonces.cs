using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Anthane.Oidc.Keys;

namespace Anthane.Oidc.Proofs;

/// <summary>
/// Nonces for DPoP proofs (RFC 9449 section 8): a proof that holds one cannot have been made long ago. A nonce is a MAC over
/// the current stretch of time under a key that all nodes have, so each node knows those of the others and stores none.
/// </summary>
internal sealed class DpopNonces(ServerSecrets secrets, TimeProvider clock)
{
    private const string Purpose = "dpop nonce";

    /// <summary>How long one nonce is handed out. It is accepted for as long again.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(3);

    /// <summary>The one to hand out now.</summary>
    public string Current => Of(Now);

    /// <summary>Whether it is one of ours and still good. The next one can come from a node whose clock is a little ahead.</summary>
    public bool IsGood(string nonce) => Matches(nonce, Now) || Matches(nonce, Now - 1) || Matches(nonce, Now + 1);

    /// <summary>A good nonce that will not be good for long: its client should have the next one before that.</summary>
    public bool IsEnding(string nonce) => Matches(nonce, Now - 1);

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds() / (long)Window.TotalSeconds;

    private string Of(long window) => secrets.Hash(Purpose, window.ToString(CultureInfo.InvariantCulture))[..22];

    private bool Matches(string nonce, long window) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(Of(window)));
}
