using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>Reads one log of a gateway; null for a log of something else than a call of a model.</summary>
internal delegate ReportedCall? ReadLog(LogFields log, DateTimeOffset now);

/// <summary>The calls in a body of logs, and why some of them cannot be counted.</summary>
internal sealed record LogBatch(IReadOnlyList<ReportedCall> Calls, IReadOnlyList<string> Rejected, int Others)
{
    public static LogBatch Read(ReadOnlySpan<byte> body, DateTimeOffset now, ReadLog readLog)
    {
        var calls = new List<ReportedCall>();
        var rejected = new List<string>();
        var others = 0;
        JsonItems.ForEach(body, item =>
        {
            var log = new LogFields(item);
            var call = readLog(log, now);
            if (log.Fault is { } fault)
            {
                rejected.Add(fault);
            }
            else if (call is null)
            {
                others++;
            }
            else
            {
                calls.Add(call);
            }
        });
        return new LogBatch(calls, rejected, others);
    }

    /// <summary>One sentence for the sender; null when nothing was rejected.</summary>
    public string? DescribeRejections() => Rejections.InWords("Calls", Rejected);
}
