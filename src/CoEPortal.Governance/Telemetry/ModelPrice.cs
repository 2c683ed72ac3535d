namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// US dollars for one token. What is not priced apart (cached input, batch, long context) is priced as the rest.
/// </summary>
public sealed record ModelPrice
{
    public string Name { get; init; } = "";

    public string Provider { get; init; } = "";

    public decimal InputPerToken { get; init; }

    public decimal? CachedInputPerToken { get; init; }

    public decimal? CacheWritePerToken { get; init; }

    public decimal OutputPerToken { get; init; }

    public decimal? BatchInputPerToken { get; init; }

    public decimal? BatchOutputPerToken { get; init; }

    /// <summary>For calls with a long input, all of whose tokens then cost more.</summary>
    public LongContextPrice? LongContext { get; init; }

    /// <summary>Not rounded. Input tokens include the cached and the cache-written ones, output tokens the reasoning ones.</summary>
    public decimal CostOf(ReportedCall call)
    {
        var (input, output) = (call.InputTokens ?? 0, call.OutputTokens ?? 0);
        var cached = Math.Min(call.CachedInputTokens ?? 0, input);
        var written = Math.Min(call.CacheWriteTokens ?? 0, input - cached);
        var dear = LongContext is { } longContext && input > longContext.AboveInputTokens ? longContext : null;
        var inputPrice = dear?.InputPerToken ?? (call.IsBatch ? BatchInputPerToken : null) ?? InputPerToken;
        var outputPrice = dear?.OutputPerToken ?? (call.IsBatch ? BatchOutputPerToken : null) ?? OutputPerToken;
        // A batch's cached tokens are priced by no public list: never more than its others.
        var cachedPrice = Math.Min(dear?.CachedInputPerToken ?? CachedInputPerToken ?? inputPrice, call.IsBatch ? inputPrice : decimal.MaxValue);
        return (input - cached - written) * inputPrice
            + cached * cachedPrice
            + written * (dear?.CacheWritePerToken ?? CacheWritePerToken ?? inputPrice)
            + output * outputPrice;
    }

    internal bool IsNegative => InputPerToken < 0 || OutputPerToken < 0 || CachedInputPerToken < 0 || CacheWritePerToken < 0
        || BatchInputPerToken < 0 || BatchOutputPerToken < 0
        || LongContext is { AboveInputTokens: < 0 } or { InputPerToken: < 0 } or { OutputPerToken: < 0 } or { CachedInputPerToken: < 0 } or { CacheWritePerToken: < 0 };
}

/// <summary>Prices of a call whose input is longer than a limit.</summary>
public sealed record LongContextPrice
{
    public long AboveInputTokens { get; init; }

    public decimal InputPerToken { get; init; }

    public decimal? CachedInputPerToken { get; init; }

    public decimal? CacheWritePerToken { get; init; }

    public decimal OutputPerToken { get; init; }
}
