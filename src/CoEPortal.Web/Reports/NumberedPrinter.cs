using CoEPortal.Evidence.Pdf;

namespace CoEPortal.Web.Reports;

/// <summary>
/// Prints a document whose contents name pages. Chromium has no <c>target-counter</c>, so a first print, without tags and
/// therefore twice as fast, shows where everything came to lie, and the second has the numbers. What was printed is read
/// again: a report whose contents are wrong is not handed out.
/// </summary>
public sealed class NumberedPrinter(PdfPrinter pdf)
{
    private const int MostTries = 3;

    /// <param name="layOut">Makes the document, given pages by anchor.</param>
    /// <param name="anchors">What the contents lead to.</param>
    /// <param name="numbered">Told once pages are known.</param>
    /// <exception cref="PdfUnavailableException">It could not be printed, or never came to rest.</exception>
    public async Task<byte[]> PrintAsync(
        Func<IReadOnlyDictionary<string, int>?, Task<string>> layOut, IReadOnlyList<string> anchors, Func<Task> numbered, CancellationToken cancellation)
    {
        var pages = Of(await pdf.PrintAsync(await layOut(null), tagged: false, cancellation), anchors);
        await numbered();
        for (var tries = 0; tries < MostTries; tries++)
        {
            var printed = await pdf.PrintAsync(await layOut(pages), tagged: true, cancellation);
            var found = Of(printed, anchors);
            if (anchors.All(a => found[a] == pages[a]))
            {
                return printed;
            }

            pages = found;
        }

        throw new PdfUnavailableException("The page numbers of the contents did not come to rest, so the report was thrown away. Try the other paper size.");
    }

    private static Dictionary<string, int> Of(byte[] printed, IReadOnlyList<string> anchors)
    {
        try
        {
            var found = PdfPages.OfDestinations(printed);
            return anchors.ToDictionary(a => a, a => found.TryGetValue(a, out var page)
                ? page
                : throw new PdfUnavailableException($"The printed report has no place named {a}, so its contents could not be made."));
        }
        catch (PdfFormatException broken)
        {
            throw new PdfUnavailableException($"Chromium printed a file that is not whole: it was probably stopped in the middle. {broken.Message}", broken);
        }
    }
}
