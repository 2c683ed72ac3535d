using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Incidents;

/// <summary>The weekly operations review: one resolved incident, one unresolved risk, and what follows from them.</summary>
public sealed partial class ReviewPage(
    CurrentActor current, OperationsReviews reviews, HoldOperationsReview hold, DialogService dialogs, ILogger<ReviewPage> log) : ComponentBase
{
    private const int PageSize = 10;

    private static readonly IReadOnlyList<Crumb> Way = [new("Incidents", "/incidents")];

    private ReviewSheet? _sheet;
    private Page<OperationsReview>? _held;
    private Failure? _failure;
    private bool _mayHold;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string Week => Query["week"] ?? reviews.ThisWeek;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var reader = await current.GetAsync();
            _mayHold = AccessPolicy.Allows(reader, Permission.HandleIncidents) && !AccessPolicy.OnlyOwnUnit(reader, Permission.HandleIncidents);
            _held = await reviews.HeldAsync(reader, Query.Page, PageSize);
            (_sheet, _failure) = (await reviews.OfAsync(Week, reader), null);
        }
        catch (Exception exception)
        {
            (_sheet, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task HoldAsync()
    {
        await WordsDialog.OpenAsync(
            dialogs, $"Operations review of {Week}", "Keep the review", async note => await hold.RunAsync(Week, note, await current.GetAsync()), "What was learnt, and what becomes of the risk");
        await LoadAsync();
    }
}
