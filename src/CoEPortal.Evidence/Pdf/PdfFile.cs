using System.Buffers;
using System.IO.Compression;

namespace CoEPortal.Evidence.Pdf;

/// <summary>
/// A PDF with classic cross-reference tables (ISO 32000-2, 7.5.4), which is what Chromium prints. Cross-reference
/// streams and encryption are refused. Nothing is repaired: a reader that guesses sees another file than its neighbour.
/// </summary>
internal sealed class PdfFile
{
    private const int MaxRevisions = 64;
    private const int MaxPageTreeDepth = 64;

    private readonly Dictionary<int, (int Offset, int Generation)> _objects = [];
    private readonly HashSet<int> _freed = [];
    private readonly HashSet<int> _loading = [];

    private PdfFile(byte[] bytes, int startOfXref)
    {
        Bytes = bytes;
        StartOfXref = startOfXref;
        Trailer = ReadRevisions(startOfXref);
        if (Trailer["Encrypt"] is not null)
        {
            throw new PdfFormatException("The PDF is encrypted.");
        }

        Root = Trailer["Root"] as PdfReference ?? throw new PdfFormatException("The PDF's trailer names no catalog.");
        Catalog = Dictionary(Root) ?? throw new PdfFormatException("The PDF has no catalog.");
    }

    public byte[] Bytes { get; }

    /// <summary>Where the newest cross-reference table begins.</summary>
    public int StartOfXref { get; }

    public PdfDictionary Trailer { get; }

    public PdfReference Root { get; }

    public PdfDictionary Catalog { get; }

    /// <summary>One more than the highest object number that any revision has used.</summary>
    public int Size => _objects.Keys.Concat(_freed).DefaultIfEmpty(0).Max() + 1;

    public static PdfFile Open(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith("%PDF-"u8))
        {
            throw new PdfFormatException("This is not a PDF.");
        }

        var start = bytes.AsSpan().LastIndexOf("startxref"u8);
        if (start < 0)
        {
            throw new PdfFormatException("The PDF has no end: startxref is missing.");
        }

        var parser = new PdfParser(bytes, start);
        parser.ReadKeyword("startxref");
        var xref = parser.ReadCount();
        // %%EOF is a comment to the parser, so whatever is left was not put there by the writer of this revision.
        parser.SkipWhiteSpace();
        if (parser.Position < bytes.Length || bytes.AsSpan(start).IndexOf("%%EOF"u8) < 0)
        {
            throw new PdfFormatException("The PDF does not end with %%EOF.");
        }

        return new PdfFile(bytes, xref);
    }

    /// <summary>The object itself, or what the reference leads to; null when there is none.</summary>
    public PdfObject? Resolve(PdfObject? value)
    {
        var resolved = value is PdfReference reference ? Load(reference) : value;
        return resolved switch
        {
            PdfNull => null,
            PdfReference => throw new PdfFormatException("The PDF is malformed: a reference leads to a reference."),
            _ => resolved,
        };
    }

    public PdfDictionary? Dictionary(PdfObject? value) => Resolve(value) as PdfDictionary;

    public IReadOnlyList<PdfObject> Items(PdfObject? value) => (Resolve(value) as PdfArray)?.Items ?? [];

    /// <summary>The first leaf of the page tree (7.7.3).</summary>
    public PdfReference FirstPage()
    {
        var node = Catalog["Pages"] as PdfReference;
        for (var depth = 0; node is not null && depth < MaxPageTreeDepth; depth++)
        {
            var dictionary = Dictionary(node);
            if (dictionary?["Type"] is PdfName { Value: "Page" })
            {
                return node;
            }

            node = Items(dictionary?["Kids"]) is [PdfReference first, ..] ? first : null;
        }

        throw new PdfFormatException("The PDF has no first page.");
    }

    /// <summary>The bytes of a stream, at most <paramref name="limit"/> of them, without filter or with FlateDecode alone.</summary>
    public byte[] Decode(PdfStream stream, int limit)
    {
        var filter = Resolve(stream.Dictionary["Filter"]);
        if (filter is PdfArray { Items.Count: 1 } only)
        {
            filter = Resolve(only.Items[0]);
        }

        if (Resolve(stream.Dictionary["DecodeParms"]) is not null || filter is not (null or PdfName { Value: "FlateDecode" }))
        {
            throw new PdfFormatException("A stream is encoded in a way that is not read here; only FlateDecode is.");
        }

        return filter is null ? Bounded(new MemoryStream(stream.Encoded.ToArray()), limit) : Inflate(stream, limit);
    }

    private static byte[] Inflate(PdfStream stream, int limit)
    {
        try
        {
            using var inflating = new ZLibStream(new MemoryStream(stream.Encoded.ToArray()), CompressionMode.Decompress);
            return Bounded(inflating, limit);
        }
        catch (InvalidDataException damaged)
        {
            throw new PdfFormatException("A compressed stream is damaged.", damaged);
        }
    }

    private static byte[] Bounded(Stream source, int limit)
    {
        var bytes = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = source.Read(bytes.GetSpan(64 * 1024));
            if (read is 0)
            {
                return bytes.WrittenSpan.ToArray();
            }

            bytes.Advance(read);
            if (bytes.WrittenCount > limit)
            {
                throw new PdfFormatException("The PDF unpacks to more than is read here.");
            }
        }
    }

    private PdfObject? Load(PdfReference reference)
    {
        if (!_objects.TryGetValue(reference.Number, out var entry) || entry.Generation != reference.Generation)
        {
            return null;
        }

        // A stream's length may be another object, and that one a stream whose length is the first.
        if (entry.Offset >= Bytes.Length || !_loading.Add(reference.Number))
        {
            throw new PdfFormatException($"The PDF is malformed: object {reference.Number} cannot be reached.");
        }

        try
        {
            return ReadIndirectObject(new PdfParser(Bytes, entry.Offset), reference);
        }
        finally
        {
            _loading.Remove(reference.Number);
        }
    }

    private PdfObject ReadIndirectObject(PdfParser parser, PdfReference reference)
    {
        if (parser.ReadCount() != reference.Number || parser.ReadCount() != reference.Generation)
        {
            throw parser.Malformed($"object {reference.Number} is not where the cross-reference table says");
        }

        parser.ReadKeyword("obj");
        var value = parser.ReadObject();
        if (value is PdfDictionary dictionary && parser.TryReadKeyword("stream"))
        {
            if (Resolve(dictionary["Length"]) is not PdfNumber number || !number.TryGetInteger(out var length))
            {
                throw parser.Malformed("a stream has no length");
            }

            value = new PdfStream(dictionary, parser.ReadStreamData(length));
            parser.ReadKeyword("endstream");
        }

        parser.ReadKeyword("endobj");
        return value;
    }

    /// <summary>Reads the newest table and those it builds on; of several entries for one object the newest counts.</summary>
    private PdfDictionary ReadRevisions(int newest)
    {
        PdfDictionary? newestTrailer = null;
        var next = newest;
        for (var revisions = 0; revisions < MaxRevisions; revisions++)
        {
            var trailer = ReadXref(next);
            newestTrailer ??= trailer;
            switch (trailer["Prev"])
            {
                case null:
                    return newestTrailer;
                // A table builds on an earlier part of the file, so the walk back always ends.
                case PdfNumber number when number.TryGetInteger(out var previous) && previous >= 0 && previous < next:
                    next = previous;
                    break;
                default:
                    throw new PdfFormatException("The PDF is malformed: a cross-reference table does not build on an earlier one.");
            }
        }

        throw new PdfFormatException($"The PDF has more than {MaxRevisions} revisions.");
    }

    private PdfDictionary ReadXref(int start)
    {
        if (start >= Bytes.Length)
        {
            throw new PdfFormatException("The PDF is malformed: its cross-reference table lies outside of it.");
        }

        var parser = new PdfParser(Bytes, start);
        if (!parser.TryReadKeyword("xref"))
        {
            throw new PdfFormatException(parser.TryReadCount(out _)
                ? "The PDF uses cross-reference streams (PDF 1.5), which are not read here. Print it with Chromium."
                : "The PDF is malformed: its cross-reference table is not where it says.");
        }

        while (parser.TryReadCount(out var first))
        {
            ReadSubsection(parser, first);
        }

        parser.ReadKeyword("trailer");
        var trailer = parser.ReadObject() as PdfDictionary ?? throw parser.Malformed("the trailer is missing");
        return trailer["XRefStm"] is null
            ? trailer
            : throw new PdfFormatException("The PDF uses cross-reference streams (PDF 1.5), which are not read here.");
    }

    private void ReadSubsection(PdfParser parser, int first)
    {
        var count = parser.ReadCount();
        if (count > Bytes.Length / 20 || first > int.MaxValue - 1 - count)
        {
            throw parser.Malformed("the cross-reference table is longer than the file");
        }

        for (var number = first; number < first + count; number++)
        {
            var offset = parser.ReadCount();
            var generation = parser.ReadCount();
            var inUse = parser.TryReadKeyword("n");
            if (!inUse)
            {
                parser.ReadKeyword("f");
            }

            if (_objects.ContainsKey(number) || _freed.Contains(number))
            {
                continue;
            }

            if (inUse)
            {
                _objects.Add(number, (offset, generation));
            }
            else
            {
                _freed.Add(number);
            }
        }
    }
}
