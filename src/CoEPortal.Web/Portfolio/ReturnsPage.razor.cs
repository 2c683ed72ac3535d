using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Portfolio;

/// <summary>What use cases were worth, as ranges.</summary>
public sealed partial class ReturnsPage(CurrentActor current, Returns returns, ILogger<ReturnsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private static readonly IReadOnlyList<(ReturnSort Sort, string Word)> Orders =
        [(ReturnSort.Low, "Highest lower end first"), (ReturnSort.High, "Highest upper end first"), (ReturnSort.Costs, "Highest costs first"), (ReturnSort.Key, "By key")];

    private Page<ReturnRow>? _page;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private ReturnSort Sort => Orders.FirstOrDefault(o => o.Sort.ToString().Equals(Query["order"], StringComparison.OrdinalIgnoreCase)).Sort;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _page = await returns.ForAsync(await current.GetAsync(), Sort, Sort is not ReturnSort.Key, Query.Page, PageSize);
            _failure = null;
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, log);
        }
    }
}
