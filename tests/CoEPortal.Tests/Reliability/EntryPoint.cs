namespace CoEPortal.Tests.Reliability;

/// <summary>The runner of the tests, or, with a word first, the process that a crash test kills.</summary>
internal static class EntryPoint
{
    // What xunit would generate, after our own line.
    public static Task<int> Main(string[] args) => args switch
    {
        [CrashingNode.Word, ..] => CrashingNode.RunAsync(args),
        _ when args.Any(a => a is "--server" or "--internal-msbuild-node") =>
            Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    };
}
