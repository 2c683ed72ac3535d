using System.Globalization;
using System.Text;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Usage as a table for spreadsheets (RFC 4180). A field that a spreadsheet would take for a formula gets an apostrophe
/// in front (OWASP, CSV injection): names of models and gateways come from outside.
/// </summary>
public static class UsageCsv
{
    private const string FormulaStarts = "=+-@\t\r\n\0";

    public static string Of(string key, IEnumerable<UsageSum> sums)
    {
        var text = new StringBuilder();
        Row([key, "calls", "unmetered_calls", "unpriced_calls", "failed_calls", "guardrail_calls", "input_tokens", "output_tokens", "cached_input_tokens", "cost_usd", "p50_ms", "p95_ms", "p99_ms"]);
        foreach (var s in sums)
        {
            Row([s.Key, Number(s.Calls), Number(s.UnmeteredCalls), Number(s.UnpricedCalls), Number(s.FailedCalls), Number(s.GuardrailCalls), Number(s.InputTokens),
                Number(s.OutputTokens), Number(s.CachedInputTokens), s.Cost.ToString(CultureInfo.InvariantCulture), Milliseconds(s.Latency.P50), Milliseconds(s.Latency.P95), Milliseconds(s.Latency.P99)]);
        }

        return text.ToString();

        void Row(IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Field)).Append("\r\n");
    }

    internal static string Field(string value)
    {
        var safe = value.Length > 0 && FormulaStarts.Contains(value[0], StringComparison.Ordinal) ? "'" + value : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan? latency) => latency?.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
}
