using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CoEPortal.Evidence.Pdf;

/// <summary>
/// Puts evidence into a printed report and takes it out again: embedded files (ISO 32000-2, 7.11.4) as associated
/// files (14.13), under a certifying signature (12.8) that allows no change.
/// </summary>
public static class PdfEvidence
{
    /// <summary>All attachments together, unpacked: 64 MiB.</summary>
    public const int MaxAttachedBytes = 64 * 1024 * 1024;

    public const int MaxAttachments = 256;

    private const int MaxNameTreeNodes = 4096;
    private const int ByteRangeWidth = 48;

    /// <summary>Appends attachments, and with a <paramref name="signature"/> certifies the whole.</summary>
    /// <param name="pdf">As Chromium prints it: classic cross-reference table, no form, no attachments.</param>
    /// <param name="attachments">Each with a name of its own.</param>
    /// <param name="signature">None leaves the file unsigned.</param>
    /// <exception cref="PdfFormatException">The file is no such PDF.</exception>
    /// <exception cref="ArgumentException">Attachments share a name or exceed the limits, or the certificate is no good for signing now.</exception>
    public static byte[] Attach(byte[] pdf, IReadOnlyList<Attachment> attachments, PdfSignature? signature = null)
    {
        if (attachments.DistinctBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Count() < attachments.Count)
        {
            throw new ArgumentException("Two attachments share a name.", nameof(attachments));
        }

        if (attachments.Count > MaxAttachments || attachments.Sum(a => (long)a.Data.Length) > MaxAttachedBytes)
        {
            throw new ArgumentException("The attachments are too many or too large to be read back.", nameof(attachments));
        }

        var file = PdfFile.Open(pdf);
        RequireUntouched(file);

        var update = new PdfUpdate(file);
        var catalog = AtLeastVersion17(file);
        if (attachments.Count > 0)
        {
            catalog = WithAttachments(file, update, catalog, attachments);
        }

        if (signature is null)
        {
            update.Put(file.Root, catalog);
            return update.Finish();
        }

        return Certify(file, update, catalog, signature);
    }

    /// <summary>The attachments as they were attached; their data is checked against the checksums beside it, if any.</summary>
    /// <remarks>Says nothing about who made the file: ask <see cref="PdfSignatureCheck"/>.</remarks>
    /// <exception cref="PdfFormatException">Malformed, or unpacks to more than <see cref="MaxAttachedBytes"/>.</exception>
    public static IReadOnlyList<Attachment> Extract(byte[] pdf)
    {
        var file = PdfFile.Open(pdf);
        var left = MaxAttachedBytes;
        var attachments = new List<Attachment>();
        foreach (var specification in FileSpecifications(file))
        {
            var attachment = Read(file, specification, left);
            left -= attachment.Data.Length;
            attachments.Add(attachment);
        }

        return attachments.DistinctBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Count() == attachments.Count
            ? attachments
            : throw new PdfFormatException("Two attachments share a name.");
    }

    private static void RequireUntouched(PdfFile file)
    {
        string[] taken = ["AcroForm", "Perms", "AF"];
        if (taken.Any(key => file.Catalog[key] is not null) || file.Dictionary(file.Catalog["Names"])?["EmbeddedFiles"] is not null)
        {
            throw new PdfFormatException("The PDF already has a form, a signature or attachments; only a fresh print is taken.");
        }
    }

    /// <summary>Chromium writes a 1.4 header; certification came with 1.5 and attachments' checksums are read from 1.7 on.</summary>
    private static PdfDictionary AtLeastVersion17(PdfFile file)
    {
        var header = Encoding.ASCII.GetString(file.Bytes.AsSpan(0, Math.Min(8, file.Bytes.Length)));
        var stated = (file.Catalog["Version"] as PdfName)?.Value ?? "";
        return string.CompareOrdinal(header, "%PDF-1.7") >= 0 || string.CompareOrdinal(stated, "1.7") >= 0
            ? file.Catalog
            : file.Catalog.With("Version", new PdfName("1.7"));
    }

    private static PdfDictionary WithAttachments(
        PdfFile file, PdfUpdate update, PdfDictionary catalog, IReadOnlyList<Attachment> attachments)
    {
        var named = attachments
            .Select(a => (Key: PdfString.Of(a.Name), Specification: Embed(update, a)))
            // 7.9.6: a name tree is sorted by the bytes of its keys.
            .OrderBy(a => Convert.ToHexString(a.Key.Bytes), StringComparer.Ordinal)
            .ToList();
        var tree = PdfDictionary.Of(("Names", new PdfArray([.. named.SelectMany(a => new PdfObject[] { a.Key, a.Specification })])));
        var names = file.Dictionary(catalog["Names"]) ?? PdfDictionary.Of();
        return catalog
            .With("Names", names.With("EmbeddedFiles", tree))
            .With("AF", new PdfArray([.. named.Select(a => a.Specification)]));
    }

    private static PdfReference Embed(PdfUpdate update, Attachment attachment)
    {
        var parameters = PdfDictionary.Of(
            ("Size", PdfNumber.Of(attachment.Data.Length)),
            ("CheckSum", new PdfString(Checksum(attachment.Data))));
        var embedded = update.AddCompressed(
            PdfDictionary.Of(
                ("Type", new PdfName("EmbeddedFile")),
                ("Subtype", new PdfName(attachment.MediaType)),
                ("Params", parameters)),
            attachment.Data.ToArray());
        return update.Add(PdfDictionary.Of(
            ("Type", new PdfName("Filespec")),
            // 7.11.2: F is for readers older than Unicode names.
            ("F", PdfString.Of(string.Concat(attachment.Name.Select(c => char.IsAscii(c) ? c : '_')))),
            ("UF", PdfString.Of(attachment.Name)),
            ("Desc", PdfString.Of(attachment.Description)),
            ("AFRelationship", new PdfName("Data")),
            ("EF", PdfDictionary.Of(("F", embedded), ("UF", embedded)))));
    }

    [SuppressMessage("Security", "CA5351", Justification = "7.11.4 fixes MD5. It finds accidents; the signature finds intent.")]
    private static byte[] Checksum(ReadOnlyMemory<byte> data) => MD5.HashData(data.Span);

    /// <summary>An invisible signature field on the first page, whose signature allows no change (DocMDP, P 1).</summary>
    private static byte[] Certify(PdfFile file, PdfUpdate update, PdfDictionary catalog, PdfSignature signature)
    {
        var certificate = signature.Certificate;
        if (!certificate.HasPrivateKey || !SignedBytes.HasLastingKey(certificate))
        {
            throw new ArgumentException("The certificate needs its private key, RSA of 3072 bits or ECDSA.", nameof(signature));
        }

        if (signature.SignedAt.UtcDateTime < certificate.NotBefore.ToUniversalTime()
            || signature.SignedAt.UtcDateTime > certificate.NotAfter.ToUniversalTime())
        {
            throw new ArgumentException("The certificate is not valid at the time of signing.", nameof(signature));
        }

        var byteRange = new PdfPlaceholder(ByteRangeWidth, ' ');
        var contents = new PdfPlaceholder((2 * SignedBytes.MaxEncodedLength(certificate)) + 2, '0');
        var noChanges = PdfDictionary.Of(
            ("Type", new PdfName("SigRef")),
            ("TransformMethod", new PdfName("DocMDP")),
            ("TransformParams", PdfDictionary.Of(
                ("Type", new PdfName("TransformParams")), ("P", PdfNumber.Of(1)), ("V", new PdfName("1.2")))));
        var signatureReference = update.Add(PdfDictionary.Of(
            ("Type", new PdfName("Sig")),
            ("Filter", new PdfName("Adobe.PPKLite")),
            ("SubFilter", new PdfName("ETSI.CAdES.detached")),
            ("M", PdfString.Of(signature.SignedAt.UtcDateTime.ToString(PdfSignature.DateForm, CultureInfo.InvariantCulture))),
            ("Reason", PdfString.Of(signature.Reason)),
            ("Reference", new PdfArray([noChanges])),
            ("ByteRange", new PdfArray([byteRange])),
            ("Contents", contents)));

        var pageReference = file.FirstPage();
        var page = file.Dictionary(pageReference)!;
        var field = update.Add(PdfDictionary.Of(
            ("Type", new PdfName("Annot")),
            ("Subtype", new PdfName("Widget")),
            ("FT", new PdfName("Sig")),
            ("T", PdfString.Of("Certification")),
            // Print and Locked, on an empty rectangle.
            ("F", PdfNumber.Of(132)),
            ("Rect", new PdfArray([.. Enumerable.Repeat(PdfNumber.Of(0), 4)])),
            ("P", pageReference),
            ("V", signatureReference)));
        update.Put(pageReference, page.With("Annots", new PdfArray([.. file.Items(page["Annots"]), field])));
        update.Put(file.Root, catalog
            .With("AcroForm", PdfDictionary.Of(("Fields", new PdfArray([field])), ("SigFlags", PdfNumber.Of(3))))
            .With("Perms", PdfDictionary.Of(("DocMDP", signatureReference))));

        return Sign(update.Finish(), byteRange, contents, signature);
    }

    private static byte[] Sign(byte[] pdf, PdfPlaceholder byteRange, PdfPlaceholder contents, PdfSignature signature)
    {
        var start = contents.Offset;
        var end = start + contents.Width;
        var range = string.Create(CultureInfo.InvariantCulture, $"0 {start} {end} {pdf.Length - end}");
        Encoding.ASCII.GetBytes(range).CopyTo(pdf, byteRange.Offset);
        pdf[start] = (byte)'<';
        pdf[end - 1] = (byte)'>';

        var cms = SignedBytes.Sign([.. pdf[..start], .. pdf[end..]], signature.Certificate);
        Encoding.ASCII.GetBytes(Convert.ToHexString(cms)).CopyTo(pdf.AsSpan(start + 1, contents.Width - 2));
        return pdf;
    }

    private static List<PdfDictionary> FileSpecifications(PdfFile file)
    {
        var found = new List<PdfDictionary>();
        var nodes = new Queue<PdfObject?>([file.Dictionary(file.Catalog["Names"])?["EmbeddedFiles"]]);
        for (var visited = 0; nodes.TryDequeue(out var node); visited++)
        {
            if (visited > MaxNameTreeNodes)
            {
                throw TooManyAttachments();
            }

            var dictionary = file.Dictionary(node);
            var names = file.Items(dictionary?["Names"]);
            for (var i = 1; i < names.Count && found.Count <= MaxAttachments; i += 2)
            {
                found.Add(file.Dictionary(names[i]) ?? throw new PdfFormatException("An attachment has no description of its file."));
            }

            foreach (var kid in file.Items(dictionary?["Kids"]))
            {
                nodes.Enqueue(kid);
            }
        }

        return found.Count <= MaxAttachments ? found : throw TooManyAttachments();
    }

    private static PdfFormatException TooManyAttachments() =>
        new("The list of attachments is too long or leads back to itself.");

    private static Attachment Read(PdfFile file, PdfDictionary specification, int limit)
    {
        var embedded = file.Dictionary(specification["EF"]);
        if (file.Resolve(embedded?["UF"] ?? embedded?["F"]) is not PdfStream stream)
        {
            throw new PdfFormatException("An attachment has no data.");
        }

        var data = file.Decode(stream, limit);
        var parameters = file.Dictionary(stream.Dictionary["Params"]);
        if ((file.Resolve(parameters?["CheckSum"]) is PdfString checksum && !checksum.Bytes.AsSpan().SequenceEqual(Checksum(data)))
            || (file.Resolve(parameters?["Size"]) is PdfNumber size && !(size.TryGetInteger(out var length) && length == data.Length)))
        {
            throw new PdfFormatException("An attachment's data is not what its checksum says.");
        }

        try
        {
            return new Attachment(
                Text(file, specification["UF"] ?? specification["F"]),
                (file.Resolve(stream.Dictionary["Subtype"]) as PdfName)?.Value ?? "application/octet-stream",
                data,
                Text(file, specification["Desc"]));
        }
        catch (ArgumentException refused)
        {
            throw new PdfFormatException($"An attachment is refused. {refused.Message}", refused);
        }
    }

    private static string Text(PdfFile file, PdfObject? value) => (file.Resolve(value) as PdfString)?.ToText() ?? "";
}
