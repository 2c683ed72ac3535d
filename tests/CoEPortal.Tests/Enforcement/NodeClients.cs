using System.Diagnostics;

namespace CoEPortal.Tests.Enforcement;

/// <summary>Real gateways and SDKs from npm (<c>tests/clients</c>), installed once, when a test first needs them.</summary>
internal static class NodeClients
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "clients");
    private static readonly Lazy<Task<string?>> Missing = new(InstallAsync);

    /// <summary>Skips the test where node or its packages cannot be had.</summary>
    public static async Task DemandAsync()
    {
        var missing = await Missing.Value;
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    public static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a script to its end, which comes within half a minute; gives what it wrote.</summary>
    public static async Task<string> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        using var process = Start([script], environment);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(process.HasExited && process.ExitCode == 0, await errors);
        return await output;
    }

    /// <returns>Why they cannot be had; null when they are there.</returns>
    private static async Task<string?> InstallAsync()
    {
        if (Which("node") is null || Which("npm") is null)
        {
            return "node and npm are not installed.";
        }

        var (wanted, installed) = (new FileInfo(Path.Combine(Folder, "package-lock.json")), new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json")));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc)
        {
            return null;
        }

        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]) { WorkingDirectory = Folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (output, errors) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await npm.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
        }

        await output;
        return npm.HasExited && npm.ExitCode == 0 ? null : $"npm could not fetch the packages of tests/clients: {(await errors).Split('\n')[0]}";
    }

    private static string? Which(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
}
