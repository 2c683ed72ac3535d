using System.Diagnostics;
using System.Text;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Web.Reports;

namespace CoEPortal.Tests.Reports;

public sealed class NumberedPrinterTests
{
    [Fact]
    public async Task Pages_are_numbered_as_they_came_to_lie()
    {
        SkipWithoutBrowser();
        using var pdf = new PdfPrinter(Setting);
        IReadOnlyDictionary<string, int>? given = null;

        var printed = await new NumberedPrinter(pdf).PrintAsync(
            pages => Task.FromResult(Document((given = pages)?["last"].ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "")), ["first", "last"],
            () => Task.CompletedTask, TestContext.Current.CancellationToken);

        Assert.Equal((1, 4), (given!["first"], given["last"]));
        Assert.Equal(4, PdfPages.CountOf(printed));
        Assert.Equal(4, PdfPages.OfDestinations(printed)["last"]);
        Assert.Contains("/StructTreeRoot", Encoding.Latin1.GetString(printed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Contents_that_push_their_own_numbers_on_are_given_up_not_printed_wrong()
    {
        SkipWithoutBrowser();
        using var pdf = new PdfPrinter(Setting);
        var print = 0;

        var refusal = await Assert.ThrowsAsync<PdfUnavailableException>(() => new NumberedPrinter(pdf).PrintAsync(
            _ => Task.FromResult(Document("", extra: ++print)), ["last"], () => Task.CompletedTask, TestContext.Current.CancellationToken));

        Assert.Contains("did not come to rest", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_anchor_that_was_not_printed_is_named()
    {
        SkipWithoutBrowser();
        using var pdf = new PdfPrinter(Setting);

        var refusal = await Assert.ThrowsAsync<PdfUnavailableException>(() => new NumberedPrinter(pdf).PrintAsync(
            _ => Task.FromResult(Document("")), ["nowhere"], () => Task.CompletedTask, TestContext.Current.CancellationToken));

        Assert.Contains("nowhere", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--type=renderer")]
    [InlineData("--print-to-pdf")]
    public async Task A_browser_that_is_killed_in_the_middle_is_said_and_leaves_nothing_behind(string whichProcess)
    {
        SkipWithoutBrowser();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Finds the browser's processes in /proc.");
        // Without its renderer Chromium says nothing more: the printer gives up when its time is over.
        using var pdf = new PdfPrinter(Setting, TimeSpan.FromSeconds(15));
        var mark = $"mark{Guid.CreateVersion7():N}";
        var rows = string.Concat(Enumerable.Range(1, 60_000).Select(i => $"<tr><td>{i}</td><td>{mark}</td></tr>"));
        var printing = pdf.PrintAsync($"<!doctype html><html lang=en><title>t</title><table>{rows}</table></html>", ct: TestContext.Current.CancellationToken);

        await KillAsync(whichProcess, printing);

        await Assert.ThrowsAsync<PdfUnavailableException>(() => printing);
        Assert.Empty(Browsers(whichProcess));
    }

    /// <summary>Only among the children of this process: other browsers on the machine are not ours.</summary>
    private static async Task KillAsync(string whichProcess, Task printing)
    {
        while (!printing.IsCompleted)
        {
            if (Browsers(whichProcess) is [var found, ..])
            {
                using var process = Process.GetProcessById(found);
                process.Kill();
                return;
            }

            await Task.Yield();
        }
    }

    private static List<int> Browsers(string argument)
    {
        var parents = new Dictionary<int, int>();
        var commands = new Dictionary<int, string>();
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
        {
            try
            {
                var id = int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture);
                var stat = File.ReadAllText($"{folder}/stat");
                parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
                commands[id] = File.ReadAllText($"{folder}/cmdline");
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }
        }

        return [.. commands.Where(c => c.Value.Contains("coe-pdf-", StringComparison.Ordinal) && c.Value.Contains(argument, StringComparison.Ordinal) && IsOurs(c.Key)).Select(c => c.Key)];

        bool IsOurs(int id)
        {
            for (var depth = 0; depth < 20 && parents.TryGetValue(id, out var parent); depth++, id = parent)
            {
                if (parent == Environment.ProcessId)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static string Document(string number, int extra = 0) =>
        $"<!doctype html><html lang=en><title>t</title><style>h2{{break-before:page}}</style><h1 id=first>Start</h1><a href=#first>1</a> <a href=#last>{number}</a>"
        + string.Concat(Enumerable.Range(0, 2 + extra).Select(i => $"<h2>{i}</h2>")) + "<h2 id=last>End</h2></html>";

    private static void SkipWithoutBrowser() =>
        Assert.SkipUnless(ChromiumBinary.Find(Setting) is not null, "There is no Chromium on this machine.");

    private static string? Setting => Environment.GetEnvironmentVariable("Portal__Chromium");
}
