using System.Text;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Measured values of a KPI, the lift against doing it without AI, and what that is worth. Programs push values with a machine token of the scope <c>readings.write</c>.</summary>
public static class ReadingsApi
{
    public sealed record ReadingView(Guid Id, DateOnly MeasuredOn, Arm Arm, decimal Mean, decimal? Deviation, int Sample, string EnteredBy, DateTimeOffset EnteredAt, DateTimeOffset? WithdrawnAt, string? PushId, string? PushedBy, Guid? Corrects);

    /// <param name="ReadingId">Of the program: told again, it is the same.</param>
    /// <param name="Corrects">The <paramref name="ReadingId"/> of an earlier push that was wrong; it stays visible, taken back.</param>
    public sealed record PushRequest(string? ReadingId, DateOnly MeasuredOn, Arm Arm, decimal Mean, decimal? Deviation, int Sample, string? Corrects);

    /// <param name="Currency">US dollars only, as spend is kept in them.</param>
    public sealed record WorthRequest(decimal PerUnit, string? Currency, string? Source, int CasesPerMonth, decimal RunningPerMonth, decimal BuildOnce, DateOnly CountedFrom);

    public sealed record WorthView(
        int Number, decimal PerUnit, string Currency, string Source, int CasesPerMonth, decimal RunningPerMonth, decimal BuildOnce, DateOnly CountedFrom, string StatedBy, DateTimeOffset StatedAt);

    /// <param name="NetLow">Lower end of the 95 % interval; null when there is none.</param>
    /// <param name="DoesNotProve">What nobody may read into it.</param>
    public sealed record ReturnView(
        string UseCase, string Title, ReturnVerdict Verdict, string Currency, decimal? ValueLow, decimal? ValueHigh, decimal Spend, long UnpricedCalls, decimal Running, decimal BuildOnce,
        decimal? NetLow, decimal? NetHigh, long SampleWithout, long SampleWith, DateOnly? From, DateOnly Until, WorthView? Worth, string DoesNotProve);

    public sealed record EffectView(string Metric, string Unit, decimal? PromisedBaseline, decimal? PromisedTarget, Lift Lift, IReadOnlyList<ReadingView> Readings);

    public static void MapReadings(this RouteGroupBuilder api)
    {
        var readings = api.MapGroup("/use-cases/{key}/readings").WithTags("Use cases");
        readings.MapGet("/", ListAsync).WithSummary("What was measured with AI and without, and the lift with its interval and sample");
        readings.MapPost("/", EnterAsync).WithSummary("Enter a measured value").IsIdempotent();
        // Let in by the machine door in the handler: the sign-in of people knows no bearer tokens.
        readings.MapPost("/pushed", PushAsync).AllowAnonymous().WithSummary("Push a measured value with a machine token; once for its id, a correction names what it corrects");
        readings.MapDelete("/{id:guid}", WithdrawAsync).WithSummary("Take a wrong reading back; it stays visible");
        api.MapPost("/use-cases/{key}/worth", StateAsync).WithTags("Use cases").WithSummary("State what a unit of the KPI is worth, and what the use case costs beside its calls").IsIdempotent();
        api.MapGet("/use-cases/{key}/return", ReturnAsync).WithTags("Use cases").WithSummary("What the measured lift is worth less what it cost, as a range");
        api.MapGet("/returns", ReturnsAsync).WithTags("Use cases").WithSummary("The returns of the portfolio, by the lower end of their range");
        api.MapGet("/returns.csv", ReturnsCsvAsync).WithTags("Use cases").WithSummary("The same as CSV, at most 2,000 rows");
    }

    private static async Task<EffectView> ListAsync(HttpContext http, string key, MeasuredEffect measured)
    {
        var effect = await measured.OfAsync(key, await http.ActorAsync(), http.RequestAborted);
        return new(effect.Kpi.Metric, effect.Kpi.Unit, effect.Kpi.Baseline, effect.Kpi.Target, effect.Lift, [.. effect.Readings.Select(ViewOf)]);
    }

    private static async Task<IResult> EnterAsync(HttpContext http, string key, ReadingDraft draft, EnterReading enter)
    {
        var reading = await enter.RunAsync(key, draft, await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{key}/readings/{reading.Id}", ViewOf(reading));
    }

    private static async Task<IResult> PushAsync(HttpContext http, string key, PushRequest request, RecordReading push, MachineDoor door)
    {
        var token = door.Admit(http.Request, MachineToken.ReadingsWrite)
            ?? throw new RuleViolationException("token-required", "Send a machine token with the scope readings.write: unknown, revoked, expired and other tokens are refused.");
        var draft = new ReadingDraft(request.MeasuredOn, request.Arm, request.Mean, request.Deviation, request.Sample);
        var (reading, isNew) = await push.RunAsync(key, new(request.ReadingId ?? "", draft, request.Corrects), token.UseCaseKey, token.Name, http.RequestAborted);
        return isNew ? Results.Created($"/api/v1/use-cases/{key}/readings/{reading.Id}", ViewOf(reading)) : Results.Ok(ViewOf(reading));
    }

    private static async Task<IResult> StateAsync(HttpContext http, string key, WorthRequest request, StateWorth state)
    {
        var draft = new WorthDraft(request.PerUnit, request.Source ?? "", request.CasesPerMonth, request.RunningPerMonth, request.BuildOnce, request.CountedFrom);
        var worth = await state.RunAsync(key, draft, request.Currency, await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{key}/return", ViewOf(worth));
    }

    private static async Task<ReturnView> ReturnAsync(HttpContext http, string key, Returns returns) => ViewOf(await returns.OfAsync(key, await http.ActorAsync(), http.RequestAborted));

    private static async Task<UseCasesApi.Listed<ReturnView>> ReturnsAsync(HttpContext http, Returns returns, Word<ReturnSort>? sort, bool descending = true, int page = 1, int size = 20)
    {
        var found = await returns.ForAsync(await http.ActorAsync(), sort?.Value ?? ReturnSort.Low, descending, page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> ReturnsCsvAsync(HttpContext http, Returns returns, TimeProvider clock) =>
        Results.File(Encoding.UTF8.GetBytes(await returns.CsvAsync(await http.ActorAsync(), http.RequestAborted)), "text/csv; charset=utf-8", $"returns-{clock.GetUtcNow():yyyyMMdd}.csv");

    private static async Task<IResult> WithdrawAsync(HttpContext http, string key, Guid id, EnterReading enter)
    {
        await enter.WithdrawAsync(key, id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static ReadingView ViewOf(KpiReading r) => new(r.Id, r.MeasuredOn, r.Arm, r.Mean, r.Deviation, r.Sample, r.EnteredByName, r.EnteredAt, r.WithdrawnAt, r.PushId, r.PushedBy, r.Corrects);

    private static WorthView ViewOf(KpiWorth w) => new(
        w.Number, w.PerUnit, KpiWorth.Currency, w.Source, w.CasesPerMonth, w.RunningPerMonth, w.BuildOnce, w.CountedFrom, w.StatedByName, w.StatedAt);

    private static ReturnView ViewOf(ReturnRow row)
    {
        var r = row.Return;
        return new(
            row.Key, row.Title, r.Verdict, KpiWorth.Currency, r.ValueLow, r.ValueHigh, r.Spend, r.UnpricedCalls, r.Running, r.BuildOnce, r.NetLow, r.NetHigh,
            r.Lift.Without?.Sample ?? 0, r.Lift.With?.Sample ?? 0, r.Worth?.CountedFrom, r.Until, r.Worth is { } worth ? ViewOf(worth) : null, ReturnOnInvestment.DoesNotProve);
    }
}
