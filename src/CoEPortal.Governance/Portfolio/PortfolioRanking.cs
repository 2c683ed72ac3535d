using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace CoEPortal.Governance.Portfolio;

/// <summary>How much each part weighs (<c>templates/rules/ranking.yaml</c>).</summary>
public sealed record RankingWeights
{
    public decimal Impact { get; init; }

    public decimal Risk { get; init; }

    public decimal Maintainability { get; init; }

    /// <exception cref="InvalidDataException">It cannot be read, or the weights are no weights.</exception>
    public static RankingWeights Read(string path)
    {
        try
        {
            var weights = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<RankingWeights>(File.ReadAllText(path));
            return weights is { Impact: >= 0, Risk: >= 0, Maintainability: >= 0 } && weights.Impact + weights.Risk + weights.Maintainability > 0
                ? weights
                : throw new InvalidDataException($"{Path.GetFileName(path)}: impact, risk and maintainability are weights of 0 or more, and not all 0.");
        }
        catch (YamlException error)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)}, line {error.Start.Line}: {error.InnerException?.Message ?? error.Message}", error);
        }
    }
}

/// <summary>A use case in the ranking.</summary>
/// <param name="Score">0 to 100, the weighted mean of the three parts.</param>
/// <param name="Impact">Its value points.</param>
/// <param name="Safety">100 less its risk points.</param>
/// <param name="Maintainability">How easily it is kept alive: few models, data at hand, limits that stop it by themselves.</param>
/// <param name="PromisedChange">Per cent of the baseline without AI; null while the hypothesis is incomplete.</param>
public sealed record RankedUseCase(
    string Key, string Title, Stage Stage, int Score, int Impact, int Safety, int Maintainability, decimal? PromisedChange, decimal CostOf30Days);

/// <summary>The portfolio by what is worth keeping: impact, risk and maintainability. Computed and paged by the database.</summary>
public sealed class PortfolioRanking(RankingWeights weights, IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public RankingWeights Weights => weights;

    public async Task<Page<RankedUseCase>> ForAsync(Actor reader, int page = 1, int size = 20, bool lowestFirst = false, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        size = Math.Clamp(size, 1, Paging.LargestSize);
        page = Math.Clamp(page, 1, 1_000_000);
        var (ownOnly, me, unit) = (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases), reader.Id.Value, reader.BusinessUnit);
        var (impact, risk, maintain) = (weights.Impact, weights.Risk, weights.Maintainability);
        var (since, sign) = (clock.GetUtcNow().AddDays(-30), lowestFirst ? 1 : -1);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            with part as (
              select key, title, stage, value impact, 100 - risk safety, maintainability
              from use_case
              where value is not null and risk is not null and stage not in ('Retired', 'NotAllowed', 'Declined') and (not {ownOnly} or business_unit = {unit} or {me} = any (editors))
            ), ranked as (
              select *, round(({impact} * impact + {risk} * safety + {maintain} * maintainability) / ({impact} + {risk} + {maintain}))::int score, count(*) over ()::int total from part
            )
            select r.key "Key", r.title "Title", r.stage "Stage", r.score "Score", r.impact "Impact", r.safety "Safety", r.maintainability "Maintainability", r.total "Total",
              case when (u.draft -> 'kpi' ->> 'baseline')::numeric <> 0 then ((u.draft -> 'kpi' ->> 'target')::numeric / (u.draft -> 'kpi' ->> 'baseline')::numeric - 1) * 100 end "PromisedChange",
              coalesce((select sum(m.cost) from telemetry.usage_minute m where m.use_case_key = r.key and m.minute >= {since}), 0) "Cost"
            from (select * from ranked order by {sign} * score, key limit {size} offset {(page - 1) * size}) r
            join use_case u on u.key = r.key
            order by {sign} * r.score, r.key
            """).ToListAsync(cancellation);
        return new(
            [.. rows.Select(r => new RankedUseCase(r.Key, r.Title, Enum.Parse<Stage>(r.Stage), r.Score, r.Impact, r.Safety, r.Maintainability, r.PromisedChange, r.Cost))],
            rows.Count > 0 ? rows[0].Total : 0, page, size);
    }

    private sealed record Row(string Key, string Title, string Stage, int Score, int Impact, int Safety, int Maintainability, int Total, decimal? PromisedChange, decimal Cost);
}
