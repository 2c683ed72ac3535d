using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CoEPortal.Tests.Reliability;

/// <summary>
/// A process that runs one command and is killed on the way, by the kernel: no finally block runs, no connection is closed.
/// The points at which it can die are before and after every database command and every commit.
/// </summary>
internal static class CrashingNode
{
    public const string Word = "run-until-killed";

    /// <summary>How a shell reports SIGKILL.</summary>
    public const int Killed = 128 + 9;

    /// <param name="point">Where it dies, from 1; 0 to live.</param>
    /// <returns>The exit code, and what it printed: how many points it passed.</returns>
    public static async Task<(int ExitCode, string Output)> StartAsync(
        string connectionString, DateTimeOffset now, CrashCommand command, CrashSubject subject, int point)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[]
        {
            typeof(CrashingNode).Assembly.Location, Word, connectionString, now.ToString("O"), command.Name, subject.Key, subject.Hash, subject.Task.ToString(),
            point.ToString(CultureInfo.InvariantCulture),
        })
        {
            start.ArgumentList.Add(argument);
        }

        // It lives for a second: code that is optimised later never is.
        start.Environment["DOTNET_TieredPGO"] = "0";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [_, var connectionString, var now, var command, var key, var hash, var task, var point])
        {
            return 2;
        }

        var death = new Death(int.Parse(point, CultureInfo.InvariantCulture));
        // Not every command goes through EF; all go through Npgsql.
        using var commands = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStarted = _ => death.Pass(),
            ActivityStopped = _ => death.Pass(),
        };
        ActivitySource.AddActivityListener(commands);
        await using var node = Node.Start(
            connectionString, new TestClock(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)), options => options.AddInterceptors(new Commits(death)));
        await CrashCommand.Named(command).RunAsync(node, new CrashSubject(key, hash, Guid.Parse(task)));
        Console.Write(death.Passed);
        return 0;
    }

    private sealed class Death(int point)
    {
        public int Passed { get; private set; }

        public void Pass()
        {
            if (++Passed == point)
            {
                Process.GetCurrentProcess().Kill();
            }
        }
    }

    private sealed class Commits(Death death) : DbTransactionInterceptor
    {
        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            death.Pass();
            return ValueTask.FromResult(result);
        }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            death.Pass();
            return Task.CompletedTask;
        }
    }
}
