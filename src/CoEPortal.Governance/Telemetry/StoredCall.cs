namespace CoEPortal.Governance.Telemetry;

/// <summary>Why a call belongs to a use case, the strongest reason first; the text is stored.</summary>
internal static class Attribution
{
    public const string Token = "token";
    public const string Credential = "credential";
    public const string Resource = "resource";
    public const string Span = "span";
    public const string Tag = "tag";
    public const string None = "none";
}

/// <summary>A call as it counts: whose it is, what it cost, who told of it.</summary>
internal sealed record StoredCall(Guid Id, ReportedCall Call, string? UseCase, string Attribution, CallCost Cost, string ReportedBy)
{
    /// <summary>Further from each other than this, two calls with one response id are two: small servers count from 1 again.</summary>
    private static readonly TimeSpan SameIdWithin = TimeSpan.FromHours(1);

    /// <summary>The gateway through which the call is known; empty when only its client told of it.</summary>
    public string Gateway => Call.IsOfGateway ? ReportedBy : "";

    /// <summary>The same as its row says it, which knows no end user.</summary>
    public StoredCall WithoutPerson => Call is { EndUser: null, Cohort: null } ? this : this with { Call = Call with { EndUser = null, Cohort = null } };

    /// <summary>
    /// Whether two accounts that share a name are of one call. Two tokens that are bound to different use cases never
    /// are: one sender could otherwise make another's calls disappear. Below one span of a client there may be several
    /// calls of its gateway, one for each attempt: through the parent a gateway joins the client or the gateway before
    /// it, if both tell of the same end, and never a second attempt.
    /// </summary>
    public bool IsSameAs(StoredCall other, NameKind through)
    {
        if (Attribution is Telemetry.Attribution.Token && other.Attribution is Telemetry.Attribution.Token && UseCase != other.UseCase)
        {
            return false;
        }

        var areNear = (Call.StartedAt - other.Call.StartedAt).Duration() <= SameIdWithin;
        return through switch
        {
            NameKind.Own => true,
            NameKind.Id => areNear,
            _ => areNear && Call.Failed == other.Call.Failed && !DifferInAnswer(other)
                && (Call.IsOfGateway != other.Call.IsOfGateway || Called(Call, other.Call) || Called(other.Call, Call)),
        };
    }

    /// <summary>
    /// One call out of two accounts: the higher one's, completed by what only the other knows. Neither order of arrival
    /// changes the result, but between accounts of one rank: there the first stays.
    /// </summary>
    public StoredCall CompletedBy(StoredCall other, PriceBooks prices)
    {
        var (first, second) = other.Call.Account > Call.Account ? (other, this) : (this, other);
        var call = CallOf(first.Call, second.Call);
        var owner = first.UseCase is null ? second : first;
        // What is told again is not priced again: a newer price book must not change a stored cost by the way.
        var cost = IsSameBill(call, Call) ? Cost : IsSameBill(call, other.Call) ? other.Cost : prices.CostOf(call);
        return new StoredCall(Id, call, owner.UseCase, owner.Attribution, cost, first.ReportedBy);
    }

    private static bool Called(ReportedCall call, ReportedCall other) => call.SpanId is not null && call.SpanId == other.ParentSpanId;

    private bool DifferInAnswer(StoredCall other) =>
        Call.ResponseId is not null && other.Call.ResponseId is not null && Call.ResponseId != other.Call.ResponseId;

    private static bool IsSameBill(ReportedCall call, ReportedCall other) =>
        (call.InputTokens, call.OutputTokens, call.CachedInputTokens, call.CacheWriteTokens, call.ReportedCost, call.RequestModel, call.ResponseModel, call.IsBatch)
        == (other.InputTokens, other.OutputTokens, other.CachedInputTokens, other.CacheWriteTokens, other.ReportedCost, other.RequestModel, other.ResponseModel, other.IsBatch);

    private static ReportedCall CallOf(ReportedCall first, ReportedCall second)
    {
        var usage = UsageOf(first, second);
        var tokens = usage.IsMetered ? usage : second.IsMetered ? second : first;
        return first with
        {
            ClaimedUseCase = first.ClaimedUseCase ?? second.ClaimedUseCase,
            Credential = first.Credential.Length > 0 ? first.Credential : second.Credential,
            Service = first.Service.Length > 0 ? first.Service : second.Service,
            Duration = first.Duration ?? second.Duration,
            TimeToFirstToken = first.TimeToFirstToken ?? second.TimeToFirstToken,
            Provider = first.Provider.Length > 0 ? first.Provider : second.Provider,
            RequestModel = first.RequestModel ?? second.RequestModel,
            ResponseModel = first.ResponseModel ?? second.ResponseModel,
            InputTokens = tokens.InputTokens,
            OutputTokens = tokens.OutputTokens,
            CachedInputTokens = tokens.CachedInputTokens,
            CacheWriteTokens = tokens.CacheWriteTokens,
            ReasoningTokens = tokens.ReasoningTokens,
            IsBatch = first.IsBatch || second.IsBatch,
            ReportedCost = usage.ReportedCost,
            ErrorType = first.ErrorType ?? (first.Failed ? second.ErrorType : null),
            Guardrail = first.Guardrail ?? second.Guardrail,
            Topic = first.Topic ?? second.Topic,
            EndUser = first.EndUser ?? second.EndUser,
            Cohort = first.Cohort ?? second.Cohort,
            ResponseId = first.ResponseId ?? second.ResponseId,
            TraceId = first.TraceId ?? second.TraceId,
            SpanId = first.TraceId is null ? second.SpanId : first.SpanId,
        };
    }

    /// <summary>A gateway's bill, then the higher account's tokens. A client's bill never outweighs tokens a gateway counted.</summary>
    private static ReportedCall UsageOf(ReportedCall first, ReportedCall second) =>
        first.ReportedCost is not null ? first
        : second is { ReportedCost: not null, IsOfGateway: true } ? second
        : first.IsMetered ? first
        : second;
}
