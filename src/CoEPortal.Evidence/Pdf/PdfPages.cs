namespace CoEPortal.Evidence.Pdf;

/// <summary>Where the places of a printed document came to lie, for a table of contents with page numbers.</summary>
public static class PdfPages
{
    private const int MaxPages = 20_000;
    private const int MaxDepth = 64;

    /// <summary>The page, from 1, of each named destination (ISO 32000-2, 12.3.2.4): of each anchor that a link of the document leads to.</summary>
    /// <exception cref="PdfFormatException">Malformed, or of more pages than are read here.</exception>
    public static IReadOnlyDictionary<string, int> OfDestinations(byte[] pdf)
    {
        var file = PdfFile.Open(pdf);
        var pages = new Dictionary<PdfReference, int>();
        Number(file, file.Catalog["Pages"], pages, 0);
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, destination) in file.Dictionary(file.Catalog["Dests"])?.Entries ?? [])
        {
            Add(name, destination);
        }

        foreach (var (name, destination) in Named(file, file.Dictionary(file.Catalog["Names"])?["Dests"], 0))
        {
            Add(name, destination);
        }

        return found;

        void Add(string name, PdfObject destination)
        {
            var place = file.Resolve(destination) is PdfDictionary dictionary ? dictionary["D"] : destination;
            if (file.Items(place) is [PdfReference page, ..] && pages.TryGetValue(page, out var number))
            {
                found.TryAdd(name, number);
            }
        }
    }

    /// <summary>How many pages the document has.</summary>
    public static int CountOf(byte[] pdf)
    {
        var file = PdfFile.Open(pdf);
        var pages = new Dictionary<PdfReference, int>();
        Number(file, file.Catalog["Pages"], pages, 0);
        return pages.Count;
    }

    private static void Number(PdfFile file, PdfObject? node, Dictionary<PdfReference, int> pages, int depth)
    {
        if (depth > MaxDepth || pages.Count > MaxPages)
        {
            throw new PdfFormatException("The PDF has more pages than are read here.");
        }

        var dictionary = file.Dictionary(node) ?? throw new PdfFormatException("The PDF is malformed: a page is missing.");
        if (dictionary["Type"] is PdfName { Value: "Page" } && node is PdfReference page)
        {
            pages.TryAdd(page, pages.Count + 1);
            return;
        }

        foreach (var kid in file.Items(dictionary["Kids"]))
        {
            Number(file, kid, pages, depth + 1);
        }
    }

    private static IEnumerable<(string Name, PdfObject Destination)> Named(PdfFile file, PdfObject? node, int depth)
    {
        if (depth > MaxDepth || file.Dictionary(node) is not { } tree)
        {
            yield break;
        }

        var names = file.Items(tree["Names"]);
        for (var at = 0; at + 1 < names.Count; at += 2)
        {
            if (file.Resolve(names[at]) is PdfString name)
            {
                yield return (name.ToText(), names[at + 1]);
            }
        }

        foreach (var kid in file.Items(tree["Kids"]))
        {
            foreach (var named in Named(file, kid, depth + 1))
            {
                yield return named;
            }
        }
    }
}
