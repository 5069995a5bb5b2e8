using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Anthane.Oidc.Clients;

/// <summary>Whether a certificate carries the name that a client is registered with (RFC 8705 section 2.1.2).</summary>
internal static class CertificateNames
{
    private const string AlternativeNames = "2.5.29.17";

    public static bool Carries(X509Certificate2 certificate, string type, string name) => type switch
    {
        TlsSubjects.SubjectDn => DistinguishedNames.Of(certificate.SubjectName) is { } actual && DistinguishedNames.Parse(name) is { } expected && actual.SequenceEqual(expected),
        TlsSubjects.SanDns => Alternatives(certificate, 2).Contains(name, StringComparer.OrdinalIgnoreCase),
        TlsSubjects.SanUri => Alternatives(certificate, 6).Contains(name, StringComparer.Ordinal),
        TlsSubjects.SanEmail => Alternatives(certificate, 1).Contains(name, StringComparer.Ordinal),
        _ => false,
    };

    /// <summary>The alternative names of one kind: 1 is an e-mail address, 2 a DNS name, 6 a URI (RFC 5280 section 4.2.1.6).</summary>
    private static List<string> Alternatives(X509Certificate2 certificate, int kind)
    {
        var names = new List<string>();
        if (certificate.Extensions[AlternativeNames] is not { } extension)
        {
            return names;
        }

        try
        {
            var wanted = new Asn1Tag(TagClass.ContextSpecific, kind);
            var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                if (sequence.PeekTag().HasSameClassAndValue(wanted))
                {
                    names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, wanted));
                }
                else
                {
                    sequence.ReadEncodedValue();
                }
            }

            return names;
        }
        catch (AsnContentException)
        {
            // What cannot be read names nobody.
            return [];
        }
    }
}
