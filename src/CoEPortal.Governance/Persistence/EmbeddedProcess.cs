using System.ComponentModel;
using System.Diagnostics;

namespace CoEPortal.Governance.Persistence;

/// <summary>Runs one of PostgreSQL's tools, or a tool of the system, to its end.</summary>
internal static class EmbeddedProcess
{
    /// <returns>What it printed.</returns>
    /// <exception cref="EmbeddedPostgresException">It could not be started or failed; the message carries its own words.</exception>
    public static async Task<string> RunAsync(
        IReadOnlyList<string> command, string workingDirectory, CancellationToken ct)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        // messages in English, whatever the user speaks: they end up in our own; and no other server's folder by accident
        start.Environment["LC_ALL"] = "C";
        start.Environment.Remove("PGDATA");
        start.Environment.Remove("PGPORT");

        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        var said = $"{await output}\n{await errors}".Trim();
        return process.ExitCode == 0
            ? said
            : throw new EmbeddedPostgresException($"`{string.Join(' ', command)}` failed ({process.ExitCode}): {said}");
    }

    public static async Task<bool> SucceedsAsync(IReadOnlyList<string> command, CancellationToken ct)
    {
        try
        {
            await RunAsync(command, "/", ct);
            return true;
        }
        catch (EmbeddedPostgresException)
        {
            return false;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedPostgresException($"`{start.FileName}` cannot be started: {e.Message}.", e);
        }
    }
}
