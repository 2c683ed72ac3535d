using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Cli;

/// <summary>Takes a log or an export into a campaign of the portal, and waits until it was read.</summary>
internal static class ShadowAiImport
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var line = new CommandLine(arguments, "campaign", "format", "departments");
        if (line.Words is not [var file] || line.Optional("campaign") is not { } campaign)
        {
            throw new CommandException("coe shadow-ai import FILE --campaign KEY [--format squid] [--departments FILE]");
        }

        var path = $"/api/v1/campaigns/{Uri.EscapeDataString(campaign)}";
        using var http = PortalClient.Open();
        // A log of gigabytes takes its time.
        http.Timeout = Timeout.InfiniteTimeSpan;
        if (line.Optional("departments") is { } list)
        {
            await using var departments = File.OpenRead(list);
            await DemandAsync(await http.PutAsync($"{path}/departments", new StreamContent(departments)));
        }

        await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
        var import = await DemandAsync(await http.PostAsync(
            $"{path}/imports?format={Uri.EscapeDataString(line.Optional("format") ?? "squid")}&title={Uri.EscapeDataString(Path.GetFileName(file))}", new StreamContent(content)));
        while ((string?)import["state"] is "waiting" or "running")
        {
            await Task.Delay(LookEvery);
            import = await DemandAsync(await http.GetAsync($"{path}/imports/{import["id"]}"));
        }

        foreach (var (fault, count) in import["faults"]!.AsObject())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(long)count!:N0} lines left out: {fault}"));
        }

        Console.WriteLine((string?)import["state"] == "done"
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)import["lines"]!:N0} lines read, {(long)import["matched"]!:N0} of AI tools, {(int)import["newFindings"]!:N0} new findings")
            : $"Nothing of it counts: {import["failure"]}");
        return (string?)import["state"] == "done" ? 0 : 1;
    }

    private static async Task<JsonObject> DemandAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var said = await answer.Content.ReadFromJsonAsync<JsonNode>() as JsonObject ?? [];
            return answer.IsSuccessStatusCode ? said : throw new CommandException($"The portal refuses: {said["detail"] ?? answer.ReasonPhrase}");
        }
    }
}
