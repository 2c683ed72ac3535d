using System.Globalization;
using System.Text;

namespace CoEPortal.Tests.Evidence;

/// <summary>PDFs written by hand: one valid page, or whatever a test wants to hide in one.</summary>
internal static class PlainPdf
{
    public static byte[] OnePage(string catalogEntries = "", params string[] moreObjects) => Build(
        "",
        [
            $"<</Type/Catalog/Pages 2 0 R{catalogEntries}>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<>>>>",
            "<</Length 18>>\nstream\n0 0 10 10 re S q Q\nendstream",
            .. moreObjects,
        ]);

    /// <summary>The objects are numbered from 1; the first is the catalog.</summary>
    public static byte[] Build(string trailerEntries, params string[] objects)
    {
        var text = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        foreach (var value in objects)
        {
            offsets.Add(text.Length);
            text.Append(CultureInfo.InvariantCulture, $"{offsets.Count} 0 obj\n{value}\nendobj\n");
        }

        var xref = text.Length;
        text.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            text.Append(CultureInfo.InvariantCulture, $"{offset:0000000000} 00000 n \n");
        }

        text.Append(CultureInfo.InvariantCulture, $"trailer\n<</Size {objects.Length + 1}/Root 1 0 R{trailerEntries}>>\nstartxref\n{xref}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }
}
