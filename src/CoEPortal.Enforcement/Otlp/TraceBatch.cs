namespace CoEPortal.Enforcement.Otlp;

/// <summary>What one request holds: calls to count, spans rejected with a reason, how many others.</summary>
public sealed record TraceBatch(IReadOnlyList<GenAiCall> Calls, IReadOnlyList<RejectedSpan> Rejected, int OtherSpans)
{
    /// <summary>Reads and sorts the spans of a body.</summary>
    /// <param name="body">From <see cref="OtlpBody.ReadAsync"/>.</param>
    /// <param name="now">Our clock, against which spans from the future are recognised.</param>
    /// <exception cref="OtlpFormatException">The body cannot be read at all.</exception>
    public static TraceBatch Read(OtlpBody body, DateTimeOffset now) => From(body.ReadSpans(), now);

    /// <summary>
    /// The records of a logs request: the event that tells of a whole call counts as a span does, and as the same call;
    /// messages and choices are content and are passed over (semantic-conventions-genai, "Events").
    /// </summary>
    public static TraceBatch ReadLogs(OtlpBody body, DateTimeOffset now)
    {
        var records = LogRecords.Read(body.MediaType, body.Bytes);
        var tellACall = records.Where(r => EventNameOf(r) == "gen_ai.client.inference.operation.details").ToList();
        var batch = From(tellACall, now);
        return batch with { Calls = [.. batch.Calls.Select(c => c with { IsEvent = true })], OtherSpans = batch.OtherSpans + records.Count - tellACall.Count };
    }

    private static string? EventNameOf(OtlpSpan record) => record.Name.Length > 0 ? record.Name : record.Attributes[CallAttribute.EventName].Text;

    public static TraceBatch From(IEnumerable<OtlpSpan> spans, DateTimeOffset now)
    {
        var calls = new List<GenAiCall>();
        var rejected = new List<RejectedSpan>();
        var others = 0;
        foreach (var span in spans)
        {
            switch (GenAiNormaliser.Read(span, now))
            {
                case SpanReading.ModelCall found:
                    calls.Add(found.Call);
                    break;
                case SpanReading.Rejected found:
                    rejected.Add(new(span.TraceId, span.SpanId, found.Reason));
                    break;
                default:
                    others++;
                    break;
            }
        }
        return new(calls, rejected, others);
    }

    /// <summary>One sentence for the sender, the most frequent reasons first; null when nothing was rejected.</summary>
    public string? DescribeRejections(string what = "Spans") => Rejections.InWords(what, Rejected.Select(span => span.Reason));
}

/// <summary>A model call that is not counted. The ids are null where they are not valid.</summary>
public sealed record RejectedSpan(string? TraceId, string? SpanId, string Reason);
