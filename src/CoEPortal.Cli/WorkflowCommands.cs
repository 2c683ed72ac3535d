using System.Text.Json;
using CoEPortal.Workflows;

namespace CoEPortal.Cli;

/// <summary>Checks of workflow files and of the interpreter. Need no server and no database.</summary>
internal static class WorkflowCommands
{
    public static int Lint(string[] arguments)
    {
        var line = new CommandLine(arguments);
        var folder = line.Words.Count > 0 ? line.Words[0] : "workflows";
        var findings = 0;
        var ids = new Dictionary<string, string>();
        var files = Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).ToList();
        foreach (var path in files)
        {
            var file = Path.GetFileName(path);
            try
            {
                var definition = DefinitionJson.Read(File.ReadAllText(path), file);
                foreach (var finding in CoEPortal.Workflows.Lint.Check(definition, LintPolicy.Lane))
                {
                    Report(file, finding.ActivityId, finding.Rule, finding.Message);
                }

                if (!ids.TryAdd($"{definition.DefinitionId} {definition.Version}", file))
                {
                    Report(file, null, "definition-twice", $"{ids[$"{definition.DefinitionId} {definition.Version}"]} has the same definitionId and version. Change one of them.");
                }
            }
            catch (DefinitionException error)
            {
                Report(file, error.ActivityId, error.Rule, error.Message);
            }
        }

        Console.WriteLine($"{files.Count} files, {findings} findings");
        return findings == 0 && files.Count > 0 ? 0 : 1;

        void Report(string file, string? activity, string rule, string message)
        {
            findings++;
            Console.WriteLine($"{file}{(activity is null ? "" : $", {activity}")}: {message} ({rule})");
        }
    }

    public static int Conform(string[] arguments)
    {
        var line = new CommandLine(arguments);
        var corpus = line.Words.Count == 1 ? line.Words[0] : throw new CommandException("Name the folder of the corpus: coe workflows conformance DIR");
        var (passed, failed) = (0, 0);
        foreach (var path in Scripts(corpus, "cases"))
        {
            Count(Conformance.RunCase(DefinitionOf(corpus, path), File.ReadAllText(path)));
        }

        foreach (var path in Scripts(corpus, "orders"))
        {
            foreach (var result in Conformance.RunOrders(DefinitionOf(corpus, path), File.ReadAllText(path)))
            {
                Count(result);
            }
        }

        Console.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 && passed > 0 ? 0 : 1;

        void Count(ConformanceResult result)
        {
            if (result.Passed)
            {
                passed++;
                return;
            }

            failed++;
            Console.WriteLine($"{result.Id}: {result.Reason}");
        }
    }

    private static IEnumerable<string> Scripts(string corpus, string folder) =>
        Directory.Exists(Path.Combine(corpus, folder)) ? Directory.GetFiles(Path.Combine(corpus, folder), "*.json").Order(StringComparer.Ordinal) : [];

    private static string DefinitionOf(string corpus, string script)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(script));
        var name = json.RootElement.GetProperty("definition").GetString()!;
        // The corpus names a definition by its path inside the corpus.
        return File.ReadAllText(Path.Combine(corpus, name));
    }
}
