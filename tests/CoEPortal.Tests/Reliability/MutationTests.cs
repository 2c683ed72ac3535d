using System.Diagnostics;

namespace CoEPortal.Tests.Reliability;

/// <summary>
/// The source is copied, a guard is taken out of the copy, and the races of the copy have to fail. What they cannot fail
/// for without a second guard gone is taken out together with that; the name of a mutation says so.
/// </summary>
public sealed class MutationTests(MutationTests.SourceCopy copy) : IClassFixture<MutationTests.SourceCopy>
{
    public static TheoryData<string> Names => [.. Mutation.All.Select(m => m.Name)];

    [Fact]
    public void Every_guard_that_a_mutation_takes_out_is_in_the_source_exactly_once() =>
        Assert.All(Mutation.All.SelectMany(m => m.Edits), edit =>
            Assert.Equal(2, File.ReadAllText(Path.Combine(Repository.Root, edit.File)).Split(edit.Guard).Length));

    [Fact]
    public async Task Unchanged_the_copy_passes()
    {
        SkipUnlessFull();
        var (exit, output) = await copy.RaceAsync([]);
        Assert.True(exit == 0, output);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Without_its_guard_a_race_fails(string name)
    {
        SkipUnlessFull();
        var (exit, output) = await copy.RaceAsync(Mutation.All.Single(m => m.Name == name).Edits);
        Assert.True(exit != 0, $"Nobody noticed that {name} is gone.");
        // A wrong ending or a broken rule, written out; a machine that was too slow would end the run by an exception.
        Assert.Contains("Assert.Empty() Failure", output, StringComparison.Ordinal);
    }

    private static void SkipUnlessFull() => Assert.SkipUnless(FullRun.IsOn, "Takes minutes: ./coe test --full.");

    /// <summary>What is needed to build and race, in a folder of its own; built anew with each mutation.</summary>
    public sealed class SourceCopy : IDisposable
    {
        private const string Project = "tests/CoEPortal.Tests";

        private static readonly string[] Folders = ["src", Project, "db", "workflows", "templates"];

        // the one that is built, not the tools that a package brings in a folder of this name
        private static readonly string[] Built = ["bin", "obj"];

        private readonly Lazy<string> _folder = new(Make);

        internal async Task<(int ExitCode, string Output)> RaceAsync(IReadOnlyList<Edit> edits)
        {
            var before = edits.Select(e => Path.Combine(_folder.Value, e.File)).Distinct().ToDictionary(path => path, File.ReadAllText);
            try
            {
                foreach (var edit in edits)
                {
                    var path = Path.Combine(_folder.Value, edit.File);
                    await File.WriteAllTextAsync(path, File.ReadAllText(path).Replace(edit.Guard, edit.Without, StringComparison.Ordinal));
                }

                // A mutant need not be pretty; style would only cost minutes.
                var (built, log) = await RunAsync(
                    "build", Project, "--configuration", "Release", "--nologo", "-v", "q", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:GenerateDocumentationFile=false");
                Assert.True(built == 0, log);
                var (exit, output) = await RunAsync(
                    Path.Combine(Project, "bin/Release/net10.0/CoEPortal.Tests.dll"), "-class", typeof(RaceTests).FullName!, "-stopOnFail", "-noColor");
                TestContext.Current.TestOutputHelper?.WriteLine(output);
                return (exit, output);
            }
            finally
            {
                foreach (var (path, text) in before)
                {
                    await File.WriteAllTextAsync(path, text);
                }
            }
        }

        public void Dispose()
        {
            if (_folder.IsValueCreated)
            {
                Directory.Delete(_folder.Value, recursive: true);
            }
        }

        private static string Make()
        {
            var folder = Directory.CreateTempSubdirectory("coe-mutant-").FullName;
            foreach (var file in Directory.EnumerateFiles(Repository.Root))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            foreach (var name in Folders)
            {
                Copy(new DirectoryInfo(Path.Combine(Repository.Root, name)), Path.Combine(folder, name));
            }

            return folder;
        }

        private static void Copy(DirectoryInfo from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in from.EnumerateFiles())
            {
                file.CopyTo(Path.Combine(to, file.Name));
            }

            foreach (var folder in from.EnumerateDirectories().Where(d => !Built.Contains(d.Name) || d.Parent!.GetFiles("*.csproj").Length == 0))
            {
                Copy(folder, Path.Combine(to, folder.Name));
            }
        }

        private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
        {
            var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, WorkingDirectory = _folder.Value };
            // the short races, and no build process that outlives us
            start.Environment.Remove("COE_TEST_FULL");
            start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, output);
        }
    }
}
