using CoEPortal.Governance.Access;
using CoEPortal.Governance.Privacy;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Requests to erase people, and legal holds.</summary>
public static class PrivacyApi
{
    /// <param name="Person">The id of a person.</param>
    /// <param name="Reason">Why, without naming the person.</param>
    /// <param name="Reference">Of the request, or nothing.</param>
    public sealed record ErasureRequest(string Person, string Reason, string? Reference);

    public sealed record ReasonRequest(string? Reason);

    /// <param name="Target">The id of a person, or the key of a use case.</param>
    public sealed record HoldRequest(HoldKind Kind, string Target, string Reason);

    /// <param name="Rows">How many rows of which table were changed; empty until it is carried out.</param>
    public sealed record ErasureView(
        Guid Id, string Person, string PersonName, ErasureState State, string Reason, string Reference, string AskedBy, DateTimeOffset AskedAt, string? ClosedBy,
        DateTimeOffset? ClosedAt, string Note, IReadOnlyDictionary<string, long> Rows);

    /// <param name="Reports">Audit PDFs printed before that may still name the person.</param>
    public sealed record ErasedView(Guid Id, string Person, IReadOnlyDictionary<string, long> Rows, IReadOnlyList<Guid> Reports);

    /// <param name="Carriers">Ids of people who may carry it out.</param>
    public sealed record OutlookView(IReadOnlyList<Obstacle> Obstacles, IReadOnlyList<string> Carriers, IReadOnlyList<NamingReport> Reports);

    public sealed record PersonView(string Id, string Name, string BusinessUnit, bool IsActive, DateTimeOffset? ErasedAt, Guid? OpenRequest, IReadOnlyDictionary<Holding, long> Held);

    public sealed record HoldView(
        Guid Id, HoldKind Kind, string Target, string Reason, string SetBy, DateTimeOffset SetAt, string? LiftedBy, DateTimeOffset? LiftedAt, string LiftReason);

    public static void MapPrivacy(this RouteGroupBuilder api)
    {
        var privacy = api.MapGroup("/privacy").WithTags("Personal data");
        privacy.MapGet("/people/{id}", PersonAsync).WithSummary("What the portal holds of a person");
        privacy.MapGet("/people/{id}/outlook", OutlookAsync).WithSummary("What stands against erasing a person, and who could carry it out");
        privacy.MapGet("/erasures", ErasuresAsync).WithSummary("Requests to erase people, open ones first");
        privacy.MapPost("/erasures", AskAsync).WithSummary("Ask that a person be erased; somebody else carries it out").IsIdempotent();
        privacy.MapPost("/erasures/{id:guid}/take-back", TakeBackAsync).WithSummary("Take a request back before it is carried out");
        privacy.MapPost("/erasures/{id:guid}/carry-out", CarryOutAsync).WithSummary("Erase the person that somebody else has asked for. It cannot be undone");
        privacy.MapGet("/holds", HoldsAsync).WithSummary("Legal holds, standing ones first");
        privacy.MapPost("/holds", HoldAsync).WithSummary("Hold the records of a person or a use case").IsIdempotent();
        privacy.MapPost("/holds/{id:guid}/lift", LiftAsync).WithSummary("Lift a hold that somebody else has set");
    }

    private static async Task<PersonView> PersonAsync(HttpContext http, string id, PersonRecords people)
    {
        var record = await people.OfAsync(new PersonId(id), await http.ActorAsync(), http.RequestAborted);
        return new(record.Person.Id, record.Person.Name, record.Person.BusinessUnit, record.Person.IsActive, record.ErasedAt, record.OpenRequest, record.Counts);
    }

    private static async Task<OutlookView> OutlookAsync(HttpContext http, string id, ErasureRequests requests)
    {
        var outlook = await requests.OutlookAsync(new PersonId(id), await http.ActorAsync(), http.RequestAborted);
        return new(outlook.Obstacles, [.. outlook.Carriers.Select(c => c.Id.Value)], outlook.Reports);
    }

    private static async Task<UseCasesApi.Listed<ErasureView>> ErasuresAsync(HttpContext http, ErasureRequests requests, int page = 1, int size = 20)
    {
        var found = await requests.PageAsync(await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> AskAsync(HttpContext http, ErasureRequest request, AskErasure ask, ErasureRequests requests)
    {
        var actor = await http.ActorAsync();
        var asked = await ask.RunAsync(new PersonId(request.Person ?? ""), request.Reason ?? "", request.Reference ?? "", actor, http.RequestAborted);
        return Results.Created("/api/v1/privacy/erasures", ViewOf(await requests.OneAsync(asked.Id, actor, http.RequestAborted)));
    }

    private static async Task<ErasureView> TakeBackAsync(HttpContext http, Guid id, ReasonRequest request, AskErasure ask, ErasureRequests requests)
    {
        var actor = await http.ActorAsync();
        await ask.TakeBackAsync(id, request.Reason ?? "", actor, http.RequestAborted);
        return ViewOf(await requests.OneAsync(id, actor, http.RequestAborted));
    }

    private static async Task<ErasedView> CarryOutAsync(HttpContext http, Guid id, CarryOutErasure carryOut)
    {
        var erased = await carryOut.RunAsync(id, await http.ActorAsync(), http.RequestAborted);
        return new(erased.Request, erased.PersonId, erased.Rows, erased.Reports);
    }

    private static async Task<UseCasesApi.Listed<HoldView>> HoldsAsync(HttpContext http, LegalHolds holds, int page = 1, int size = 20)
    {
        var found = await holds.PageAsync(await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(r => ViewOf(r.Hold))], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> HoldAsync(HttpContext http, HoldRequest request, SetLegalHold hold)
    {
        var held = await hold.RunAsync(request.Kind, request.Target ?? "", request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.Created("/api/v1/privacy/holds", ViewOf(held));
    }

    private static async Task<HoldView> LiftAsync(HttpContext http, Guid id, ReasonRequest request, SetLegalHold hold) =>
        ViewOf(await hold.LiftAsync(id, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted));

    private static ErasureView ViewOf(ErasureRow r) => new(
        r.Erasure.Id, r.Erasure.PersonId, r.Person, r.Erasure.State, r.Erasure.Reason, r.Erasure.Reference, r.Erasure.AskedBy, r.Erasure.AskedAt, r.Erasure.ClosedBy,
        r.Erasure.ClosedAt, r.Erasure.Note, r.Rows);

    private static HoldView ViewOf(LegalHold h) => new(h.Id, h.Kind, h.Target, h.Reason, h.SetBy, h.SetAt, h.LiftedBy, h.LiftedAt, h.LiftReason);
}
