using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>Hands calls over to be counted and says what became of them.</summary>
internal sealed class CallsIn(RecordCalls recordCalls)
{
    public async Task<Receipt> StoreAsync(
        IReadOnlyCollection<ReportedCall> calls, int rejected, string? rejections, TokenHolder sender, CancellationToken cancellation)
    {
        var recorded = await recordCalls.RunAsync(calls, sender.UseCaseKey, sender.Name, cancellation);
        var unattributed = recorded.Unattributed > 0 ? $"{recorded.Unattributed} calls name no known use case. They are stored and shown as unattributed." : null;
        var message = string.Join(' ', new[] { rejections, unattributed }.OfType<string>());
        return new Receipt(calls.Count + rejected, recorded.Stored + recorded.Merged, recorded.AlreadyKnown, rejected, message.Length > 0 ? message : null);
    }

    public Task<Receipt> StoreAsync(TraceBatch batch, string what, TokenHolder sender, CancellationToken cancellation) =>
        StoreAsync([.. batch.Calls.Select(ReportedCallOf)], batch.Rejected.Count, batch.DescribeRejections(what), sender, cancellation);

    private static ReportedCall ReportedCallOf(GenAiCall call) => new()
    {
        Source = "otlp",
        SourceEventId = call.EventId,
        Account = call.IsEvent ? Account.ClientEvent : call.IsGateway ? Account.GatewaySpan : Account.ClientSpan,
        ClaimedUseCase = call.DeployedUseCase,
        SpanUseCase = call.SpanUseCase,
        Topic = call.Topic,
        EndUser = call.EndUser,
        Cohort = call.Cohort,
        KeyHash = call.KeyHash,
        Team = call.Team,
        Service = call.Service ?? "",
        StartedAt = call.StartedAt,
        Duration = call.IsEvent ? null : call.Duration,
        TimeToFirstToken = call.TimeToFirstToken,
        Provider = call.Provider ?? "",
        Operation = call.Operation,
        RequestModel = call.RequestModel,
        ResponseModel = call.ResponseModel,
        InputTokens = call.InputTokens,
        OutputTokens = call.OutputTokens,
        CachedInputTokens = call.CachedInputTokens,
        CacheWriteTokens = call.CacheWriteTokens,
        ReasoningTokens = call.ReasoningTokens,
        IsBatch = call.IsBatch,
        ReportedCost = call.ReportedCost,
        Failed = call.Status is GenAiCallStatus.Error,
        ErrorType = call.ErrorType,
        Guardrail = Guardrails.OutcomeOf(call.GuardrailStatus),
        ResponseId = call.ResponseId,
        GatewayCallId = call.GatewayCallId,
        TraceId = call.TraceId,
        SpanId = call.SpanId,
        ParentSpanId = call.ParentSpanId,
    };
}
