using CoEPortal.Enforcement.Ingest;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// An access log of nginx in front of models, in JSON: <c>msec</c> or <c>ts</c>, <c>uri</c>, <c>status</c>,
/// <c>request_time</c>, and if configured <c>request_id</c>, <c>key_hash</c>, <c>route</c>, <c>model</c>, <c>reason</c>, <c>end_user</c>, <c>cohort</c>.
/// nginx sees no tokens, so these calls are unmetered until somebody else tells of them. Requests that were refused at the
/// door reached no model and are no calls. <c>use_case</c> may be a header of the client's: it is only a tag.
/// </summary>
internal static class NginxLog
{
    public static ReportedCall? Read(LogFields log, DateTimeOffset now)
    {
        var operation = log.Text("uri") switch
        {
            { } uri when uri.EndsWith("/chat/completions", StringComparison.Ordinal) || uri.EndsWith("/responses", StringComparison.Ordinal) || uri.EndsWith("/messages", StringComparison.Ordinal) => "chat",
            { } uri when uri.EndsWith("/embeddings", StringComparison.Ordinal) => "embeddings",
            { } uri when uri.EndsWith("/completions", StringComparison.Ordinal) => "text_completion",
            _ => null,
        };
        if (operation is null || log.Text("reason") is not (null or "-") || log.Text("auth_status") is "403")
        {
            return null;
        }

        if ((log.Instant("msec", now) ?? log.Instant("ts", now)) is not { } ended)
        {
            log.Reject("msec and ts are missing");
            return null;
        }

        var (duration, status) = (log.Length("request_time", 1), log.Tokens("status"));
        return new ReportedCall
        {
            Source = "nginx",
            SourceEventId = log.Text("request_id") ?? log.Digest(),
            Account = Account.GatewayLog,
            Service = "nginx",
            StartedAt = ended - (duration ?? TimeSpan.Zero),
            Duration = duration,
            Operation = operation,
            RequestModel = log.Text("model"),
            Failed = status >= 400,
            ErrorType = status >= 400 ? log.Text("status") : null,
            KeyHash = Otlp.GenAiNormaliser.Sha256Of(log.Text("key_hash")),
            Route = log.Text("route"),
            TaggedUseCase = log.Text("use_case"),
            EndUser = log.LikelyText("end_user"),
            Cohort = log.LikelyText("cohort"),
        };
    }
}
