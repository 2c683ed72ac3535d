using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CoEPortal.Web.Reports;

namespace CoEPortal.Tests.Reports;

public sealed class PdfPrinterTests
{
    private const string Heading = "<!doctype html><html lang=en><title>Register</title><h1>Register of Ærø GmbH</h1>";

    [Fact]
    public async Task A_printed_page_can_be_read_and_says_what_its_parts_are()
    {
        var text = await PrintAsync(Heading + "<p>Decision: approved.</p>");

        Assert.Contains("Register of Ærø GmbH", text.Words, StringComparison.Ordinal);
        Assert.Contains("Decision: approved.", text.Words, StringComparison.Ordinal);
        Assert.Contains("H1", text.Structure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_users_run_no_script()
    {
        var text = await PrintAsync(Heading + "<script>document.write('<p>TAKEN OVER</p>')</script>");

        Assert.DoesNotContain("TAKEN OVER", text.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_language_of_a_document_survives_what_the_printer_puts_before_it()
    {
        SkipWithoutBrowser();
        using var printer = new PdfPrinter(Setting);

        var pdf = await printer.PrintAsync("<!DOCTYPE html>\n<html lang=\"da\"><head><title>Liste</title></head><body>Hej</body></html>");

        Assert.Contains("/Lang (da)", Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_printed_page_reaches_no_host_not_even_this_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var here = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        await PrintAsync($"{Heading}<img src='{here}/a.png'><link rel=stylesheet href='{here}/b.css'><iframe src='{here}'></iframe>");

        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_document_that_takes_too_long_is_given_up()
    {
        SkipWithoutBrowser();
        using var printer = new PdfPrinter(patience: TimeSpan.FromMilliseconds(1));

        var refusal = await Assert.ThrowsAsync<PdfUnavailableException>(() => printer.PrintAsync(Heading));

        Assert.Contains("took longer than", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_browser_the_refusal_says_what_to_install()
    {
        using var printer = new PdfPrinter("/nowhere/chromium");

        Assert.False(printer.IsAvailable);
        var refusal = await Assert.ThrowsAsync<PdfUnavailableException>(() => printer.PrintAsync(Heading));
        Assert.Contains("apt-get install chromium", refusal.Message, StringComparison.Ordinal);
    }

    private static void SkipWithoutBrowser() =>
        Assert.SkipUnless(ChromiumBinary.Find(Setting) is not null, "There is no Chromium on this machine.");

    private static string? Setting => Environment.GetEnvironmentVariable("Portal__Chromium");

    private static async Task<(string Words, string Structure)> PrintAsync(string html)
    {
        SkipWithoutBrowser();
        using var printer = new PdfPrinter(Setting);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, await printer.PrintAsync(html));
            return (await OutputAsync("pdftotext", file, "-"), await OutputAsync("pdfinfo", "-struct", file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> OutputAsync(string tool, params string[] arguments)
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool))),
            $"{tool} is not installed (apt-get install poppler-utils).");
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true })!;
        return await process.StandardOutput.ReadToEndAsync();
    }
}
