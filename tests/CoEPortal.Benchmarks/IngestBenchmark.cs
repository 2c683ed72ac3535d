using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Benchmarks;

/// <summary>Spans from the socket to the commit, the reading of them alone, and whether a full database is slower than an empty one.</summary>
internal static class IngestBenchmark
{
    public const int SpansInBatch = 1000;
    private const int BatchesToWarmUp = 240;
    private const int Batches = 60;
    private const int Senders = 4;
    private const int SpansAim = 30_000;
    private const int DefaultStored = 1_000_000;

    // Of the rate with an empty database: indexes that no longer fit where they did cost a little.
    private const double FlatAim = 0.7;

    /// <param name="stored">Calls that are stored before it is measured again: a million, ten as an option.</param>
    public static async Task<int> RunAsync(string? stored)
    {
        var full = stored is null ? DefaultStored : int.Parse(stored, NumberStyles.None, CultureInfo.InvariantCulture);
        await using var portal = await Portal.StartAsync();
        var key = await portal.ApprovedUseCaseAsync();
        var token = await portal.TokenAsync("telemetry.write", key);
        var parsed = await ReadAloneAsync(BodyOf(0));
        Console.WriteLine($"{"reading and normalising",-40} {parsed,12:N0} spans/s");

        var sent = 0;
        await SendAsync(portal, token, Enumerable.Range(sent, BatchesToWarmUp).Select(BodyOf));
        sent += BatchesToWarmUp;
        var empty = await MeasureAsync();
        var left = Math.Max(0, full / SpansInBatch - sent);
        await SendAsync(portal, token, Enumerable.Range(sent, left).Select(BodyOf));
        sent += left;
        var after = await MeasureAsync();

        using var lead = portal.As("coe-lead");
        var usage = await lead.GetStringAsync($"/api/v1/use-cases/{key}/usage");
        var exact = usage.Contains($"\"calls\":{sent * SpansInBatch},", StringComparison.Ordinal);
        Console.WriteLine(
            $"ingest: {empty:N0} spans/s end to end (aim {SpansAim:N0}), {empty / parsed:P1} of reading alone; with {(sent - Batches) * SpansInBatch:N0} stored calls {after / empty:P0} of it (aim {FlatAim:P0}); "
            + $"totals {(exact ? "exact" : "WRONG")}");
        return exact && after >= FlatAim * empty ? 0 : 1;

        async Task<double> MeasureAsync()
        {
            // Made before the clock runs: a sender has its spans.
            var bodies = Enumerable.Range(sent, Batches).Select(BodyOf).ToList();
            var started = Stopwatch.GetTimestamp();
            await SendAsync(portal, token, bodies);
            var perSecond = Batches * SpansInBatch / Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.WriteLine($"{$"request to commit, {Senders} senders, {sent * SpansInBatch:N0} stored",-40} {perSecond,12:N0} spans/s");
            sent += Batches;
            return perSecond;
        }
    }

    private static async Task<double> ReadAloneAsync(byte[] body)
    {
        async Task<int> OnceAsync()
        {
            using var read = await OtlpBody.ReadAsync(new MemoryStream(body), "application/x-protobuf", null, body.Length, new OtlpLimits(), CancellationToken.None);
            return TraceBatch.Read(read, new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero)).Calls.Count;
        }

        for (var i = 0; i < 30; i++)
        {
            await OnceAsync();
        }

        var started = Stopwatch.GetTimestamp();
        var spans = 0;
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3))
        {
            spans += await OnceAsync();
        }

        return spans / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task SendAsync(Portal portal, string token, IEnumerable<byte[]> bodies)
    {
        using var http = new HttpClient { BaseAddress = portal.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (body, cancellation) =>
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var answer = await http.PostAsync("/v1/traces", content, cancellation);
            answer.EnsureSuccessStatusCode();
        });
    }

    /// <summary>A request of spans with the twelve attributes that a chat call of a real exporter carries.</summary>
    public static byte[] BodyOf(int batch)
    {
        var random = new Random(batch);
        var spans = Enumerable.Range(0, SpansInBatch).Select(i =>
        {
            var trace = new byte[16];
            var span = new byte[8];
            random.NextBytes(trace);
            random.NextBytes(span);
            var start = 1795300000UL * 1_000_000_000 + (ulong)(batch * SpansInBatch + i) * 1_000_000;
            return Field(2, [
                .. Field(1, trace), .. Field(2, span), .. Field(5, "chat gpt-4o-mini"u8.ToArray()), 0x30, 3,
                .. Fixed(7, start), .. Fixed(8, start + 900_000_000),
                .. Text("gen_ai.operation.name", "chat"), .. Text("gen_ai.provider.name", "openai"), .. Text("gen_ai.request.model", "gpt-4o-mini"),
                .. Text("gen_ai.response.model", "gpt-4o-mini-2024-07-18"), .. Text("gen_ai.response.id", $"chatcmpl-{batch}-{i}"),
                .. Whole("gen_ai.usage.input_tokens", 900 + i), .. Whole("gen_ai.usage.output_tokens", 200 + i), .. Whole("gen_ai.request.max_tokens", 4096),
                .. Text("gen_ai.agent.id", "agent-7"), .. Text("gen_ai.conversation.id", string.Create(CultureInfo.InvariantCulture, $"conv-{i % 200}")),
                .. Text("server.address", "gateway.example.org"), .. Text("user.department", "claims"),
            ]);
        });
        return Field(1, Field(2, [.. spans.SelectMany(s => s)]));
    }

    private static byte[] Text(string key, string value) => Field(9, [.. Field(1, Encoding.UTF8.GetBytes(key)), .. Field(2, Field(1, Encoding.UTF8.GetBytes(value)))]);

    private static byte[] Whole(string key, long value) => Field(9, [.. Field(1, Encoding.UTF8.GetBytes(key)), .. Field(2, [0x18, .. Varint((ulong)value)])]);

    private static byte[] Fixed(int field, ulong value) => [(byte)((field << 3) | 1), .. BitConverter.GetBytes(value)];

    private static byte[] Field(int field, byte[] bytes) => [(byte)((field << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return bytes;
    }
}
