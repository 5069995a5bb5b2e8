using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anthane.Oidc.Keys;

namespace Anthane.Sso.Hosting;

/// <summary>Finds the master key: in the environment, in a file, or derived from a certificate's private key.</summary>
internal static class MasterKeySource
{
    private const int Bytes = 32;

    /// <summary>Reads the one source that is set. Null, with a line among the problems, when there is no usable key.</summary>
    /// <remarks>The prefix is how the settings are called in messages: <c>Sso:MasterKey</c> or <c>Sso:NewMasterKey</c>.</remarks>
    public static MasterKey? Read(string prefix, string? text, string? file, string? certificate, string? certificatePassword, List<string> problems)
    {
        if (new[] { text, file, certificate }.Count(value => !string.IsNullOrEmpty(value)) > 1)
        {
            problems.Add($"Give one of {prefix}, {prefix}File and {prefix}Certificate, not several.");
            return null;
        }

        try
        {
            var bytes = !string.IsNullOrEmpty(text) ? Decode(text, prefix, problems)
                : !string.IsNullOrEmpty(file) ? Decode(File.ReadAllText(file), prefix + "File", problems)
                : !string.IsNullOrEmpty(certificate) ? Derive(certificate, certificatePassword)
                : Missing(prefix, problems);
            return bytes is null ? null : MasterKey.FromBytes(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problems.Add($"The master key ({prefix}…) cannot be read: {e.Message}");
            return null;
        }
    }

    /// <summary>Reads the key of a development machine, and makes it when there is none, readable by its owner alone.</summary>
    public static MasterKey ForDevelopment(string directory)
    {
        var file = Path.Combine(directory, "master.key");
        if (!File.Exists(file))
        {
            Make(file);
        }

        return MasterKey.FromBytes(Convert.FromBase64String(File.ReadAllText(file)));
    }

    private static void Make(string file)
    {
        var own = $"{file}.{Environment.ProcessId}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(own, options))
        {
            writer.Write(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)));
        }

        try
        {
            File.Move(own, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            // Another node was first; its key is the key.
            File.Delete(own);
        }
    }

    private static byte[]? Decode(string text, string setting, List<string> problems)
    {
        var bytes = new byte[Bytes + 1];
        if (!Convert.TryFromBase64String(text.Trim(), bytes, out var length) || length != Bytes)
        {
            problems.Add($"{setting} must be 32 random bytes as base64. Make one with: openssl rand -base64 32");
            return null;
        }

        // 32 random bytes have about 30 different values; what a person types or copies from an example has few.
        if (bytes.Take(Bytes).Distinct().Count() < 20 || bytes.Take(Bytes).All(value => value is >= 0x20 and < 0x7F))
        {
            problems.Add($"{setting} is not random. Make one with: openssl rand -base64 32");
            return null;
        }

        return bytes[..Bytes];
    }

    private static byte[]? Missing(string prefix, List<string> problems)
    {
        problems.Add($"There is no master key; it wraps what is secret in the database. Make one with 'openssl rand -base64 32' and give it as {prefix} (environment), {prefix}File or {prefix}Certificate. Keep a copy: without it the database cannot be used.");
        return null;
    }

    private static byte[] Derive(string path, string? password)
    {
        using var certificate = path.EndsWith(".pem", StringComparison.OrdinalIgnoreCase)
            ? X509Certificate2.CreateFromPemFile(path)
            : X509CertificateLoader.LoadPkcs12FromFile(path, password, X509KeyStorageFlags.Exportable);
        using var rsa = certificate.GetRSAPrivateKey();
        using var ecdsa = certificate.GetECDsaPrivateKey();
        var secret = rsa?.ExportParameters(true).D ?? ecdsa?.ExportParameters(true).D
            ?? throw new CryptographicException("the certificate has no RSA or ECDSA private key.");
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Bytes, info: "anthane master key from certificate"u8.ToArray());
    }
}
