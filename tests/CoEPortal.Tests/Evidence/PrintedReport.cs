using System.Diagnostics;
using System.Text;

namespace CoEPortal.Tests.Evidence;

/// <summary>A report as the portal prints it: two tagged pages with a table and a link, printed by the installed Chromium, once.</summary>
public sealed class PrintedReport : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coe-evidence-");
    private byte[]? _pdf;

    public byte[] Pdf
    {
        get
        {
            Assert.SkipUnless(_pdf is not null, $"{Chromium} is not installed.");
            return _pdf!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }

        var rows = string.Concat(Enumerable.Range(1, 80).Select(i => $"<tr><td>{i}</td><td>Prüfung ✓</td></tr>"));
        var page = await SaveAsync("report.html", Encoding.UTF8.GetBytes(
            $"<!doctype html><html lang=en><meta charset=utf-8><title>UC-0001</title><h1 id=top>Audit pack</h1><a href=#end>end</a>"
            + $"<a href=https://example.org>link</a><table><thead><tr><th>No</th><th>What</th></tr></thead>{rows}</table><p id=end>End</p></html>"));
        var pdf = Path.Combine(_folder.FullName, "report.pdf");
        var (exitCode, output) = await RunAsync(
            Chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", $"--user-data-dir={_folder.FullName}/profile", $"--print-to-pdf={pdf}",
            new Uri(page).AbsoluteUri);
        Assert.True(File.Exists(pdf), $"Chromium printed nothing ({exitCode}): {output}");
        _pdf = await File.ReadAllBytesAsync(pdf);
    }

    public async Task<string> SaveAsync(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.FullName, name);
        await File.WriteAllBytesAsync(path, bytes);
        return path;
    }

    /// <summary>Runs a tool that others wrote; skips the test where it is not installed.</summary>
    public static async Task<string> AskAsync(string tool, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{tool}"), $"{tool} is not installed.");
        return (await RunAsync($"/usr/bin/{tool}", arguments)).Output;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var impatience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(impatience.Token);
            var errors = process.StandardError.ReadToEndAsync(impatience.Token);
            await process.WaitForExitAsync(impatience.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
