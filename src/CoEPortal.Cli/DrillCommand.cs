using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Cli;

/// <summary>Rehearses a stop over the API and prints how long each step took. Exit 0 only when it held everywhere in time.</summary>
internal static class DrillCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var line = new CommandLine(arguments, "reason");
        var key = line.Words is [var only] ? only : throw new CommandException("coe drill KEY [--reason TEXT]; the key may be canary.");
        var token = Environment.GetEnvironmentVariable("COE_TOKEN") ?? throw new CommandException("Set COE_TOKEN, for example to \"Demo risk\".");
        using var http = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("COE_URL") ?? "http://127.0.0.1:5080") };
        http.DefaultRequestHeaders.Authorization = token.Split(' ', 2) is [var scheme, var value] ? new(scheme, value) : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.PostAsJsonAsync($"/api/v1/use-cases/{Uri.EscapeDataString(key)}/drills", new { reason = line.Optional("reason") ?? "" });
        var body = await answer.Content.ReadFromJsonAsync<JsonNode>();
        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandException((string?)body?["detail"] ?? $"The portal answered {(int)answer.StatusCode}.");
        }

        Print("committed", body!["committedMs"]);
        Print("every node", body["nodesMs"]);
        Print("every gateway", body["gatewaysMs"]);
        Print("first refusal", body["deniedMs"]);
        foreach (var point in body["points"]!.AsArray())
        {
            Print("  " + point!["name"], point["afterMs"]);
        }

        var silent = string.Join(", ", body["silent"]!.AsArray().Select(s => (string?)s));
        Console.WriteLine($"drill of {key}: {(string?)body["outcome"]}{(silent.Length > 0 ? $", silent: {silent}" : "")}, objective {body["objectiveMs"]} ms");
        return (string?)body["outcome"] == "met" ? 0 : 1;
    }

    private static void Print(string step, JsonNode? milliseconds) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step,-32} {(milliseconds is null ? "-" : ((double)milliseconds).ToString("0.0", CultureInfo.InvariantCulture)),10} ms"));
}
