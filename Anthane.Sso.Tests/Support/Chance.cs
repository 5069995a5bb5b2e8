using System.Security.Cryptography;
using System.Text;

namespace Anthane.Sso.Tests.Support;

/// <summary>Numbers that look like chance and are the same for the same seed, on every machine and in every version of .NET.</summary>
internal sealed class Chance(string seed)
{
    private byte[] state = SHA256.HashData(Encoding.UTF8.GetBytes(seed));

    public int Below(int limit)
    {
        state = SHA256.HashData(state);
        return (int)(BitConverter.ToUInt32(state) % (uint)limit);
    }

    public T OneOf<T>(IReadOnlyList<T> all) => all[Below(all.Count)];
}
