using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace CoEPortal.Web.Reports;

/// <summary>No PDF can be made here and now; the message says what is missing.</summary>
public sealed class PdfUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Prints our own HTML to a tagged PDF with a Chromium started for that one document. What is printed contains words of
/// users: the page runs no script and reaches no host, whatever they wrote. One at a time, because a printing browser
/// takes a processor and some hundred megabytes.
/// </summary>
/// <param name="chromium">The setting <c>Portal__Chromium</c>.</param>
/// <param name="patience">How long one document may take; 200 pages of tables take about 17 seconds.</param>
public sealed class PdfPrinter(string? chromium = null, TimeSpan? patience = null) : IDisposable
{
    private static readonly string[] RootArguments = ["--no-sandbox"];
    private static readonly string[] Tagged = ["--export-tagged-pdf", "--generate-pdf-document-outline"];
    private static readonly string[] Untagged = ["--disable-pdf-tagging"];

    private const string Missing =
        "PDF export needs Chromium, Chrome or Edge: install one (apt-get install chromium) or set Portal__Chromium.";

    private const string Doctype = "<!doctype html>";

    /// <summary>
    /// Chromium's own switch for scripts also switches off its printing. This comes first in the document, so that
    /// nothing a report contains comes before it; the parser merges a later html or head element with the one it implies.
    /// </summary>
    private const string NoScriptNoLoading =
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline' data:; """
        + """img-src data:; font-src data:; base-uri 'none'; form-action 'none'">""";

    private readonly SemaphoreSlim _one = new(1);
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromMinutes(2);

    /// <summary>Whether there is a browser to print with; looked up anew, so that installing one needs no restart.</summary>
    public bool IsAvailable => ChromiumBinary.Find(chromium) is not null;

    /// <param name="html">A whole document with everything it shows inside it: styles, fonts and images as data.</param>
    /// <param name="tagged">Whether the PDF says what its parts are, and has bookmarks; without, it takes half the time.</param>
    /// <param name="ct">Gives up; the browser is ended.</param>
    /// <exception cref="PdfUnavailableException">There is no browser, or it did not print in time.</exception>
    public async Task<byte[]> PrintAsync(string html, bool tagged = true, CancellationToken ct = default)
    {
        var browser = ChromiumBinary.Find(chromium) ?? throw new PdfUnavailableException(Missing);
        await _one.WaitAsync(ct);
        try
        {
            var folder = Directory.CreateTempSubdirectory("coe-pdf-");
            try
            {
                return await PrintAsync(browser, html, folder.FullName, tagged, ct);
            }
            finally
            {
                Remove(folder);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<byte[]> PrintAsync(string browser, string html, string folder, bool tagged, CancellationToken ct)
    {
        var page = Path.Combine(folder, "page.html");
        var pdf = Path.Combine(folder, "page.pdf");
        await File.WriteAllTextAsync(page, Harmless(html), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), ct);

        using var process = Start(browser, folder, [.. Arguments(folder), .. tagged ? Tagged : Untagged, $"--print-to-pdf={pdf}", new Uri(page).AbsoluteUri]);
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(ct);
        hurry.CancelAfter(_patience);
        var said = process.StandardError.ReadToEndAsync(hurry.Token);
        var chatter = process.StandardOutput.ReadToEndAsync(hurry.Token);
        try
        {
            await process.WaitForExitAsync(hurry.Token);
            await chatter;
            var words = await said;
            return process.ExitCode == 0 && File.Exists(pdf)
                ? await File.ReadAllBytesAsync(pdf, hurry.Token)
                : throw new PdfUnavailableException($"{browser} printed nothing ({process.ExitCode}): {LastLines(words)}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new PdfUnavailableException($"The document took longer than {_patience.TotalSeconds:0} seconds to print.");
        }
        finally
        {
            // a browser is a tree of processes; the first one's end is not the others'
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static string Harmless(string html)
    {
        var rest = html.TrimStart();
        return rest.StartsWith(Doctype, StringComparison.OrdinalIgnoreCase)
            ? Doctype + NoScriptNoLoading + rest[Doctype.Length..]
            : Doctype + NoScriptNoLoading + rest;
    }

    private static IEnumerable<string> Arguments(string folder) =>
    [
        "--headless", "--disable-gpu", "--no-pdf-header-footer",
        // the page finds no host
        "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
        "--proxy-bypass-list=<-loopback>",
        // nor may the browser of its own accord
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
        "--disable-default-apps", "--no-first-run", "--no-default-browser-check", "--disable-breakpad",
        $"--user-data-dir={Path.Combine(folder, "profile")}",
        // /dev/shm of a container is too small for it
        "--disable-dev-shm-usage",
        // Chromium's sandbox does not start for root; the page is ours and has no script
        .. Environment.IsPrivilegedProcess ? RootArguments : [],
    ];

    private static Process Start(string browser, string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(browser, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        // crash reports and font caches go there; a service user often has no home
        start.Environment["HOME"] = folder;
        start.Environment["XDG_CONFIG_HOME"] = folder;
        start.Environment["XDG_CACHE_HOME"] = folder;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new PdfUnavailableException($"{browser} cannot be started: {e.Message}.", e);
        }
    }

    private static string LastLines(string text) => string.Join('\n', text.TrimEnd().Split('\n').TakeLast(3));

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // a helper process of the browser may still write there as it ends; the system clears its temporary folder
        }
    }
}
