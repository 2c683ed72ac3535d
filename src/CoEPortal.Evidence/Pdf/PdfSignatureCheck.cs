using System.Buffers;
using System.Globalization;

namespace CoEPortal.Evidence.Pdf;

/// <summary>
/// Checks that a PDF is, byte for byte, what was certified (ISO 32000-2, 12.8). Stricter than PDF viewers, which allow
/// later revisions, and explain them: here one signature covers the whole file, and whatever comes after it is refused.
/// </summary>
/// <remarks>
/// Proves that nobody without the private key made this file. Does not prove whose key that is: compare the certificate's
/// fingerprint with one you got elsewhere. Does not prove when: the time is the signer's own.
/// </remarks>
public static class PdfSignatureCheck
{
    private static readonly SearchValues<byte> UpperCaseHex = SearchValues.Create("0123456789ABCDEF"u8);

    /// <summary>Never throws for what a file contains; a file that cannot be read is refused in words.</summary>
    public static PdfSignatureReport Verify(byte[] pdf)
    {
        try
        {
            return new PdfSignatureReport(Check(PdfFile.Open(pdf)), null);
        }
        catch (PdfFormatException refused)
        {
            return new PdfSignatureReport(null, refused.Message);
        }
    }

    private static PdfSigner Check(PdfFile file)
    {
        var signature = OnlySignature(file);
        Require(NoChangesAllowed(file, signature), "The signature does not certify that no change is allowed.");
        Require(
            signature["Filter"] is PdfName { Value: "Adobe.PPKLite" } && signature["SubFilter"] is PdfName { Value: "ETSI.CAdES.detached" },
            "The signature is of another kind than is checked here.");
        var contents = signature["Contents"] as PdfString ?? throw new PdfFormatException("The signature is empty.");
        var content = CoveredBytes(file, signature, contents);
        using var certificate = SignedBytes.Verify(WithoutPadding(file, contents), content);

        // Only now is anything that the file says about itself worth reading.
        var signedAt = SigningTime(signature["M"]);
        Require(
            signedAt.UtcDateTime >= certificate.NotBefore.ToUniversalTime() && signedAt.UtcDateTime <= certificate.NotAfter.ToUniversalTime(),
            "The certificate was not valid at the stated time of signing.");
        return new PdfSigner(
            SigningCertificate.Fingerprint(certificate),
            certificate.Subject,
            signedAt,
            (signature["Reason"] as PdfString)?.ToText() ?? "");
    }

    /// <summary>The catalog's certification and the only form field are one and the same signature.</summary>
    private static PdfDictionary OnlySignature(PdfFile file)
    {
        var certification = file.Dictionary(file.Catalog["Perms"])?["DocMDP"] as PdfReference;
        var fields = file.Items(file.Dictionary(file.Catalog["AcroForm"])?["Fields"]);
        Require(certification is not null && fields.Count > 0, "The PDF is not signed.");

        var field = fields.Count is 1 ? file.Dictionary(fields[0]) : null;
        Require(
            field?["FT"] is PdfName { Value: "Sig" } && field["V"] as PdfReference == certification && field["Kids"] is null,
            "The PDF has more than the one signature that certifies it.");
        return file.Dictionary(certification) ?? throw new PdfFormatException("The PDF is not signed.");
    }

    private static bool NoChangesAllowed(PdfFile file, PdfDictionary signature) =>
        file.Items(signature["Reference"]) is [PdfDictionary reference]
        && reference["TransformMethod"] is PdfName { Value: "DocMDP" }
        && file.Dictionary(reference["TransformParams"])?["P"] is PdfNumber { Literal: "1" };

    /// <summary>
    /// Everything but the signature's own hexadecimal string, and that string exactly. A range that is shorter at its
    /// end leaves room for another revision; one with a wider gap leaves room for another object.
    /// </summary>
    private static byte[] CoveredBytes(PdfFile file, PdfDictionary signature, PdfString contents)
    {
        int[] expected = [0, contents.Start, contents.End, file.Bytes.Length - contents.End];
        var stated = signature["ByteRange"] is PdfArray range ? range.Items : [];
        var covers = stated.Count == expected.Length
            && stated.Zip(expected).All(pair => pair.First is PdfNumber number && number.TryGetInteger(out var value) && value == pair.Second);
        Require(covers, "The signature does not cover the whole file.");
        return [.. file.Bytes[..contents.Start], .. file.Bytes[contents.End..]];
    }

    /// <summary>
    /// The signature itself is the one part it cannot cover, so it has one spelling: upper-case digits, no white space,
    /// zeros up to the end.
    /// </summary>
    private static byte[] WithoutPadding(PdfFile file, PdfString contents)
    {
        var token = file.Bytes.AsSpan(contents.Start, contents.End - contents.Start);
        Require(
            token[0] is (byte)'<' && token.Length % 2 is 0 && !token[1..^1].ContainsAnyExcept(UpperCaseHex),
            "The signature is written in an unusual way.");

        var length = DerLength(contents.Bytes);
        Require(
            length <= contents.Bytes.Length && !contents.Bytes.AsSpan(length).ContainsAnyExcept((byte)0),
            "Something is hidden behind the signature.");
        return contents.Bytes[..length];
    }

    /// <summary>How many bytes the outer SEQUENCE takes (X.690, 8.1.3).</summary>
    private static int DerLength(byte[] encoded)
    {
        Require(encoded is [0x30, 0x82, _, _, ..], "The signature is malformed.");
        return 4 + (encoded[2] << 8) + encoded[3];
    }

    private static DateTimeOffset SigningTime(PdfObject? value) =>
        value is PdfString text
        && DateTimeOffset.TryParseExact(text.ToText(), PdfSignature.DateForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new PdfFormatException("The signature does not say when it was made.");

    private static void Require(bool holds, string refusal)
    {
        if (!holds)
        {
            throw new PdfFormatException(refusal);
        }
    }
}
