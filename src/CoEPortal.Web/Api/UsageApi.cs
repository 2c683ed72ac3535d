using System.Globalization;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class UsageApi
{
    private const int MostDays = 400;

    public static void MapUsage(this RouteGroupBuilder api)
    {
        api.MapGet("/usage.csv", CsvAsync).WithTags("Usage").WithSummary("Usage and cost by useCase, department, model or gateway, for spreadsheets");
        api.MapGet("/quality.csv", QualityCsvAsync).WithTags("Usage").WithSummary("Latency, failures, guardrails and missing usage over time, for spreadsheets");
        api.MapGet("/budgets", async (HttpContext http, BudgetBurns budgets, string? useCase) => await budgets.ForAsync(await http.ActorAsync(), useCase, http.RequestAborted))
            .WithTags("Usage").WithSummary("Budgets in force, what of them is spent, and when they run out");
    }

    private static async Task<IResult> QualityCsvAsync(HttpContext http, QualitySeries quality, TimeProvider clock, string? useCase, int days = 30)
    {
        var found = await quality.OfAsync(days, await http.ActorAsync(), useCase, http.RequestAborted);
        var rows = found.Steps.Select(s => s.Sum with { Key = s.Start.UtcDateTime.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture) });
        return Results.File(Encoding.UTF8.GetBytes(UsageCsv.Of("from", rows)), "text/csv; charset=utf-8", $"quality-{clock.GetUtcNow():yyyyMMdd}.csv");
    }

    private static async Task<IResult> CsvAsync(HttpContext http, UsageBreakdown usage, TimeProvider clock, Word<UsageDimension>? by, int days = 30)
    {
        Refuse.If(days is < 1 or > MostDays, "period-out-of-range", $"Ask for 1 to {MostDays} days.");
        var dimension = by?.Value ?? UsageDimension.UseCase;
        var now = clock.GetUtcNow();
        var rows = await usage.ByAsync(dimension, now.AddDays(-days), now.AddMinutes(1), await http.ActorAsync(), cancellation: http.RequestAborted);
        return Results.File(Encoding.UTF8.GetBytes(UsageCsv.Of(dimension.ToString(), rows)), "text/csv; charset=utf-8", $"usage-{dimension.ToString().ToLowerInvariant()}-{now:yyyyMMdd}.csv");
    }
}
