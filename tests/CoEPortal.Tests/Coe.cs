using System.Diagnostics;

namespace CoEPortal.Tests;

/// <summary>Runs the command line as its own process, as people do.</summary>
internal static class Coe
{
    public static async Task<(int ExitCode, string LastLine)> RunAsync(RunningPortal portal, string scope, params string[] arguments)
    {
        var (exit, output) = await RunAsync(
            arguments, ("COE_URL", (await portal.AddressAsync()).ToString()), ("COE_TOKEN", await portal.TokenAsync(scope)));
        return (exit, output.TrimEnd().Split('\n')[^1]);
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "coe.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
