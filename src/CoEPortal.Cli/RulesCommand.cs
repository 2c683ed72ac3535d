using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace CoEPortal.Cli;

/// <summary>Asks the portal which use cases a rules file would judge otherwise. Exit 1 when it contradicts itself.</summary>
internal static class RulesCommand
{
    public static async Task<int> PreviewAsync(string[] arguments)
    {
        var line = new CommandLine(arguments);
        var path = line.Words is [var only] ? only : throw new CommandException("coe rules preview FILE");
        using var http = PortalClient.Open();
        using var body = new StringContent(await File.ReadAllTextAsync(path), Encoding.UTF8, "application/yaml");
        using var answer = await http.PostAsync("/api/v1/rules/preview", body);
        var preview = await answer.Content.ReadFromJsonAsync<JsonNode>();
        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandException((string?)preview?["detail"] ?? $"The portal answered {(int)answer.StatusCode}.");
        }

        foreach (var change in preview!["changes"]!.AsArray())
        {
            Console.WriteLine($"{change!["key"]} {change["laneBefore"]} -> {change["lane"]}, {change["classBefore"] ?? "no class"} -> {change["riskClass"]}: {change["title"]}");
        }

        var moved = preview["moves"]!.AsObject().Sum(m => (int)m.Value!);
        Console.WriteLine($"{preview["version"]} from {preview["effectiveOn"]}: {moved} of {preview["judged"]} use cases would change lane, {preview["classChanges"]} class");
        return 0;
    }
}
