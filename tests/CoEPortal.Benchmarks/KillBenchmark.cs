using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Benchmarks;

/// <summary>
/// From the click, and from the breach being sent, to the first refusal at each of fifty gateways that stream from two nodes,
/// while telemetry arrives. One machine, loopback: the figures say what the portal adds, not what a network does.
/// </summary>
internal static class KillBenchmark
{
    private const int Enforcers = 50;
    private const int Clicks = 40;
    private const int Breaches = 15;

    private static readonly TimeSpan ClickAim = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan WorstAim = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BreachAim = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync()
    {
        await using var first = await Portal.StartAsync();
        await using var second = await first.SecondNodeAsync();
        var read = await first.TokenAsync("enforcement.read");
        var key = await first.ApprovedUseCaseAsync();
        // Starting the command line takes longer than all that is measured: one token, and the calls say whose they are.
        var write = await first.TokenAsync("telemetry.write");
        using var stop = new CancellationTokenSource();
        var fleet = await Fleet.StartAsync([first.Address, second.Address], read, Enforcers, stop.Token);
        var load = LoadAsync(first, await first.TokenAsync("telemetry.write", key), stop.Token);

        var clicks = new List<double>();
        var complete = true;
        for (var round = 0; round <= Clicks; round++)
        {
            var clicked = Stopwatch.GetTimestamp();
            await ClickAsync(first, "security", key, "engage");
            complete &= await fleet.DeniedAsync(key) is { } denied && Add(round == 0 ? [] : clicks, clicked, denied);
            await ClickAsync(first, "risk", key, "release");
            await ClickAsync(first, "security", key, "release");
            complete &= await fleet.AllowedAsync(key) is not null;
        }

        var breaches = new List<double>();
        for (var round = 0; round < Breaches; round++)
        {
            var spender = await first.ApprovedUseCaseAsync();
            using var http = new HttpClient { BaseAddress = first.Address };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", write);
            using var body = new StringContent(Dear(round, spender), new MediaTypeHeaderValue("application/json"));
            var sent = Stopwatch.GetTimestamp();
            (await http.PostAsync("/v1/traces", body)).EnsureSuccessStatusCode();
            complete &= await fleet.DeniedAsync(spender) is { } denied && Add(breaches, sent, denied);
        }

        await stop.CancelAsync();
        var ingested = await load;
        Print("click to refusal", clicks, ClickAim, WorstAim);
        Print("breach sent to refusal", breaches, BreachAim, WorstAim);
        Console.WriteLine($"{ingested:N0} spans were ingested meanwhile");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"kill: click p95 {At(clicks, 0.95):0} ms, max {clicks.Max():0} ms; breach p95 {At(breaches, 0.95):0} ms; {Enforcers} gateways on 2 nodes {(complete ? "all refused" : "DID NOT ALL REFUSE")}"));
        return complete ? 0 : 1;
    }

    private static bool Add(List<double> times, long from, IEnumerable<long> to)
    {
        times.AddRange(to.Select(t => Stopwatch.GetElapsedTime(from, t).TotalMilliseconds));
        return true;
    }

    private static void Print(string what, List<double> times, TimeSpan aim, TimeSpan worst) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-26} p50 {At(times, 0.5),8:0.0} ms   p95 {At(times, 0.95),8:0.0} ms (aim {aim.TotalMilliseconds:0})   max {times.Max(),8:0.0} ms (aim {worst.TotalMilliseconds:0})   {times.Count} refusals"));

    private static double At(List<double> times, double share) => times.Order().ElementAt((int)((times.Count - 1) * share));

    private static async Task ClickAsync(Portal portal, string persona, string key, string what)
    {
        using var http = portal.As(persona);
        (await http.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/{what}", new { reason = "benchmark" })).EnsureSuccessStatusCode();
    }

    private static async Task<long> LoadAsync(Portal portal, string token, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = portal.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var spans = 0L;
        for (var batch = 1_000_000; !stop.IsCancellationRequested; batch++)
        {
            using var content = new ByteArrayContent(IngestBenchmark.BodyOf(batch));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            (await http.PostAsync("/v1/traces", content, CancellationToken.None)).EnsureSuccessStatusCode();
            spans += IngestBenchmark.SpansInBatch;
        }

        return spans;
    }

    /// <summary>One call that alone costs more than any budget.</summary>
    private static string Dear(int round, string useCase) => new JsonObject
    {
        ["resourceSpans"] = new JsonArray(new JsonObject
        {
            ["scopeSpans"] = new JsonArray(new JsonObject
            {
                ["spans"] = new JsonArray(new JsonObject
                {
                    ["traceId"] = round.ToString("x32", CultureInfo.InvariantCulture).Replace("00000000000000000000000000000000", "10000000000000000000000000000000", StringComparison.Ordinal),
                    ["spanId"] = (round + 1).ToString("x16", CultureInfo.InvariantCulture),
                    ["name"] = "chat",
                    ["kind"] = 3,
                    ["startTimeUnixNano"] = "1795300000000000000",
                    ["endTimeUnixNano"] = "1795300001000000000",
                    ["attributes"] = new JsonArray(
                        Attribute("ai.use_case.id", new JsonObject { ["stringValue"] = useCase }),
                        Attribute("gen_ai.operation.name", new JsonObject { ["stringValue"] = "chat" }),
                        Attribute("gen_ai.request.model", new JsonObject { ["stringValue"] = "gpt-4o-mini" }),
                        Attribute("gen_ai.usage.cost", new JsonObject { ["doubleValue"] = 900_000 })),
                }),
            }),
        }),
    }.ToJsonString();

    private static JsonObject Attribute(string key, JsonObject value) => new() { ["key"] = key, ["value"] = value };

    /// <summary>Gateways that hold a stream open and refuse from the moment they read a stop.</summary>
    private sealed class Fleet
    {
        private readonly ConcurrentDictionary<(int Enforcer, string UseCase), (string State, long At)> _known = new();

        public static async Task<Fleet> StartAsync(Uri[] nodes, string token, int count, CancellationToken stop)
        {
            var fleet = new Fleet();
            for (var i = 0; i < count; i++)
            {
                var http = new HttpClient { BaseAddress = nodes[i % nodes.Length], Timeout = Timeout.InfiniteTimeSpan };
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
                var answer = await http.GetAsync("/gov/v1/stream", HttpCompletionOption.ResponseHeadersRead, stop);
                answer.EnsureSuccessStatusCode();
                _ = fleet.ReadAsync(i, new StreamReader(await answer.Content.ReadAsStreamAsync(stop)), stop);
            }

            return fleet;
        }

        public Task<List<long>?> DeniedAsync(string useCase) => WaitAsync(useCase, "stop");

        public Task<List<long>?> AllowedAsync(string useCase) => WaitAsync(useCase, "allow");

        private async Task<List<long>?> WaitAsync(string useCase, string state)
        {
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
            {
                var found = Enumerable.Range(0, Enforcers).Select(i => _known.GetValueOrDefault((i, useCase))).Where(k => k.State == state).Select(k => k.At).ToList();
                if (found.Count == Enforcers)
                {
                    return found;
                }

                await Task.Delay(5);
            }

            return null;
        }

        private async Task ReadAsync(int enforcer, StreamReader stream, CancellationToken stop)
        {
            try
            {
                while (await stream.ReadLineAsync(stop) is { } line)
                {
                    if (!line.StartsWith("data: ", StringComparison.Ordinal))
                    {
                        continue;
                    }

                    foreach (var change in JsonNode.Parse(line[6..])!["changed"]?.AsArray() ?? [])
                    {
                        _known[(enforcer, (string)change!["use_case"]!)] = ((string)change["state"]!, Stopwatch.GetTimestamp());
                    }
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or HttpRequestException)
            {
                // The run is over.
            }
        }
    }
}
