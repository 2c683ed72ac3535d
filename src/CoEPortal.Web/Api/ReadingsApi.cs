using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Measured values of a KPI, and the lift against doing it without AI.</summary>
public static class ReadingsApi
{
    public sealed record ReadingView(Guid Id, DateOnly MeasuredOn, Arm Arm, decimal Mean, decimal? Deviation, int Sample, string EnteredBy, DateTimeOffset EnteredAt, DateTimeOffset? WithdrawnAt);

    public sealed record EffectView(string Metric, string Unit, decimal? PromisedBaseline, decimal? PromisedTarget, Lift Lift, IReadOnlyList<ReadingView> Readings);

    public static void MapReadings(this RouteGroupBuilder api)
    {
        var readings = api.MapGroup("/use-cases/{key}/readings").WithTags("Use cases");
        readings.MapGet("/", ListAsync).WithSummary("What was measured with AI and without, and the lift with its interval and sample");
        readings.MapPost("/", EnterAsync).WithSummary("Enter a measured value").IsIdempotent();
        readings.MapDelete("/{id:guid}", WithdrawAsync).WithSummary("Take a wrong reading back; it stays visible");
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

    private static async Task<IResult> WithdrawAsync(HttpContext http, string key, Guid id, EnterReading enter)
    {
        await enter.WithdrawAsync(key, id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static ReadingView ViewOf(KpiReading r) => new(r.Id, r.MeasuredOn, r.Arm, r.Mean, r.Deviation, r.Sample, r.EnteredByName, r.EnteredAt, r.WithdrawnAt);
}
