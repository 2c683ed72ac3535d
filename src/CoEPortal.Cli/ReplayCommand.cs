using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsvHelper;

namespace CoEPortal.Cli;

/// <summary>
/// Sends a recorded trace as OTLP/HTTP, as a gateway would. Ids come from the file and the row, so replaying the same
/// file for the same use case and model changes nothing.
/// </summary>
internal static class ReplayCommand
{
    private const int BatchSize = 1000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var line = new CommandLine(arguments, "use-case", "model");
        var file = line.Words.Count == 1 ? line.Words[0] : throw new CommandException("Name the file: coe telemetry replay FILE --use-case KEY --model M");
        var (useCase, model) = (line.Required("use-case"), line.Required("model"));
        var token = Environment.GetEnvironmentVariable("COE_TOKEN")
            ?? throw new CommandException("Set COE_TOKEN to a token with the scope telemetry.write (coe token issue --name replay --scope telemetry.write).");
        using var http = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("COE_URL") ?? "http://127.0.0.1:5080") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        var origin = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file)));
        var sent = 0;
        foreach (var rows in Read(file).Chunk(BatchSize))
        {
            await SendAsync(http, BodyOf(rows, origin, sent, useCase, model));
            sent += rows.Length;
        }

        Console.WriteLine($"{sent} calls sent for {useCase}");
        return 0;
    }

    private sealed record Row(DateTimeOffset At, long ContextTokens, long GeneratedTokens);

    private static IEnumerable<Row> Read(string file)
    {
        using var csv = CsvReader.FromFile(file);
        foreach (var record in csv)
        {
            if (!DateTimeOffset.TryParse(record["TIMESTAMP"].ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                || !long.TryParse(record["ContextTokens"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var context)
                || !long.TryParse(record["GeneratedTokens"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var generated))
            {
                throw new InvalidDataException($"{file}, line {csv.LineNumber}: TIMESTAMP, ContextTokens and GeneratedTokens are needed, as an instant and two whole numbers.");
            }

            yield return new Row(at, context, generated);
        }
    }

    private static byte[] BodyOf(Row[] rows, string origin, int before, string useCase, string model)
    {
        using var buffer = new MemoryStream();
        using (var zip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        using (var json = new Utf8JsonWriter(zip))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            Attributes(json, ("service.name", "coe telemetry replay"), ("ai.use_case.id", useCase));
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            json.WriteStartArray("spans");
            for (var i = 0; i < rows.Length; i++)
            {
                WriteSpan(json, rows[i], $"{origin}/{before + i}/{useCase}/{model}", model);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteSpan(Utf8JsonWriter json, Row row, string identity, string model)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
        var nanoseconds = ((row.At.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100).ToString(CultureInfo.InvariantCulture);
        json.WriteStartObject();
        json.WriteString("traceId", id[..32]);
        json.WriteString("spanId", id[32..48]);
        json.WriteString("name", "chat " + model);
        json.WriteNumber("kind", 3);
        json.WriteString("startTimeUnixNano", nanoseconds);
        // The trace says when a call came in and how much it used, not how long it took.
        json.WriteString("endTimeUnixNano", nanoseconds);
        Attributes(json,
            ("gen_ai.operation.name", "chat"), ("gen_ai.request.model", model),
            ("gen_ai.usage.input_tokens", row.ContextTokens), ("gen_ai.usage.output_tokens", row.GeneratedTokens));
        json.WriteEndObject();
    }

    private static void Attributes(Utf8JsonWriter json, params (string Key, object Value)[] attributes)
    {
        json.WriteStartArray("attributes");
        foreach (var (key, value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteStartObject("value");
            if (value is long whole)
            {
                json.WriteString("intValue", whole.ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                json.WriteString("stringValue", (string)value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task SendAsync(HttpClient http, byte[] body)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            content.Headers.ContentEncoding.Add("gzip");
            using var answer = await http.PostAsync("/v1/traces", content);
            if (answer.IsSuccessStatusCode)
            {
                var said = await answer.Content.ReadAsStringAsync();
                if (said.Contains("partialSuccess", StringComparison.Ordinal))
                {
                    Console.Error.WriteLine(said);
                }

                return;
            }

            // The OTLP specification names these as passing faults; everything else would fail again.
            var passing = (int)answer.StatusCode is 429 or 502 or 503 or 504;
            if (!passing || attempt == 5)
            {
                throw new CommandException($"The portal answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            }

            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(attempt));
        }
    }
}
