using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Cli;

/// <summary>Sends an inventory to the portal and prints why rows were refused. Exit 0 when every row was imported, known already or refused with a reason.</summary>
internal static class ImportCommand
{
    private const string DryRun = "--dry-run";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var isDryRun = arguments.Contains(DryRun);
        var line = new CommandLine([.. arguments.Where(a => a != DryRun)], "mapping");
        var path = line.Words is [var only] ? only : throw new CommandException("coe use-cases import FILE --mapping M [--dry-run]; M is a name or a YAML file.");
        var mapping = line.Required("mapping");
        using var http = PortalClient.Open();
        http.Timeout = TimeSpan.FromMinutes(10);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(await File.ReadAllBytesAsync(path)), "file", "inventory.csv" },
            { new StringContent(isDryRun ? "true" : "false"), "dryRun" },
        };
        form.Add(File.Exists(mapping) ? new StringContent(await File.ReadAllTextAsync(mapping)) : new StringContent(mapping), File.Exists(mapping) ? "mappingYaml" : "mapping");
        using var answer = await http.PostAsync("/api/v1/imports/use-cases", form);
        var body = answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? await answer.Content.ReadFromJsonAsync<JsonNode>() : null;
        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandException((string?)body?["detail"] ?? $"The portal answered {(int)answer.StatusCode}.");
        }

        foreach (var row in body!["rows"]!.AsArray())
        {
            Console.WriteLine((string?)row!["reason"] is { } reason
                ? $"line {row["line"]} refused: {reason}"
                : $"line {row["line"]} {(string?)row["key"]} looks like {row["duplicateOf"]}: {row["title"]}".Replace("  ", " ", StringComparison.Ordinal));
        }

        Console.WriteLine($"lanes: {Counts(body["lanes"])}");
        Console.WriteLine($"phases: {Counts(body["phases"])}");
        Console.WriteLine(
            $"{(isDryRun ? "dry run, nothing was changed: " : "")}{body["total"]} rows: {body["imported"]} imported, {body["unchanged"]} unchanged, {body["refused"]} refused, {body["likelyDuplicates"]} likely duplicates");
        return 0;
    }

    private static string Counts(JsonNode? counts) => string.Join(", ", counts!.AsObject().Select(c => $"{c.Key} {c.Value}"));
}
