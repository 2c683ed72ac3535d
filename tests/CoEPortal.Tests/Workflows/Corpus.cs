using System.Text.Json;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

/// <summary>The conformance corpus beside the repository; tests skip with a reason where it is absent.</summary>
internal static class Corpus
{
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    private static string Folder => Path.Combine(RepositoryRoot, "..", "shared", "corpus");

    public static IEnumerable<TheoryDataRow<string>> Cases => Rows("cases");

    public static IEnumerable<TheoryDataRow<string>> Orders => Rows("orders");

    public static IEnumerable<TheoryDataRow<string>> Definitions => Rows("definitions");

    public static string Read(string path)
    {
        var file = Path.Combine(Folder, path);
        Assert.SkipUnless(File.Exists(file), $"The conformance corpus is not beside the repository ({Path.GetFullPath(Folder)}).");
        return File.ReadAllText(file);
    }

    public static WorkflowDefinition Definition(string name) => DefinitionJson.Read(Read($"definitions/{name}.json"), name);

    public static IEnumerable<JsonElement> Index() =>
        JsonDocument.Parse(Read("index.json")).RootElement.GetProperty("definitions").EnumerateArray();

    public static string DefinitionOf(string script) =>
        Read(JsonDocument.Parse(script).RootElement.GetProperty("definition").GetString()!);

    private static IEnumerable<TheoryDataRow<string>> Rows(string kind)
    {
        var folder = Path.Combine(Folder, kind);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(f => new TheoryDataRow<string>($"{kind}/{Path.GetFileName(f)}"))
            : [new TheoryDataRow<string>($"{kind}/")];
    }

    private static string FindRepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CoEPortal.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("No folder above the tests contains CoEPortal.sln.");
    }
}
