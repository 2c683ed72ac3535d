using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.ShadowAi;

/// <summary>Files on their way into a campaign, and what became of those that came before.</summary>
public sealed partial class ImportUsagePage(CurrentActor current, CampaignSheets sheets, ReceiveUsage receive, UsageFormats formats) : ComponentBase, IDisposable
{
    private const int PageSize = 20;

    private CampaignSheet? _sheet;
    private Page<UsageImport>? _page;
    private Failure? _failure;
    private Attempt? _attempt;
    private Attempt? _listing;
    private IBrowserFile? _chosen;
    private CancellationTokenSource? _stop;
    private string _format = "squid";
    private string? _wrong;
    private long _sent;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    [Inject]
    public ILogger<ImportUsagePage> Log { get; set; } = default!;

    private IReadOnlyList<Choice<string>> Choices => [.. formats.All.Where(f => _sheet?.Campaign.Sources.Contains(f.Source) ?? true).Select(f => new Choice<string>(f.Name, f.Title))];

    protected override Task OnParametersSetAsync() => LoadAsync();

    public void Dispose()
    {
        _stop?.Cancel();
        _stop?.Dispose();
    }

    private string TitleOf(string format) => formats.Find(format)?.Title ?? format;

    private async Task LoadAsync()
    {
        try
        {
            var reader = await current.GetAsync();
            _sheet ??= await sheets.OfAsync(Key, reader);
            (_page, _failure) = (await sheets.ImportsAsync(Key, reader, Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, Log));
        }
    }

    private void Choose(InputFileChangeEventArgs chosen)
    {
        var isTooLarge = chosen.File.Size > ReceiveUsage.MostBytes;
        (_chosen, _wrong) = (isTooLarge ? null : chosen.File, isTooLarge ? $"At most {ReceiveUsage.MostBytes / 1024 / 1024 / 1024} GB are read at once." : null);
    }

    private async Task ImportAsync()
    {
        _stop?.Dispose();
        _stop = new CancellationTokenSource();
        _sent = 0;
        if (await _attempt!.RunAsync(async () =>
        {
            await using var stream = _chosen!.OpenReadStream(ReceiveUsage.MostBytes, _stop.Token);
            var progress = new Progress<long>(sent =>
            {
                _sent = sent;
                _ = InvokeAsync(StateHasChanged);
            });
            await receive.RunAsync(Key, _format, _chosen.Name, stream, await current.GetAsync(), progress, _stop.Token);
        }, "Received; it is read in the background"))
        {
            _chosen = null;
        }

        await LoadAsync();
    }

    private async Task GiveListAsync(InputFileChangeEventArgs chosen)
    {
        await _listing!.RunAsync(async () =>
        {
            using var list = new MemoryStream();
            await using var stream = chosen.File.OpenReadStream(ReceiveUsage.LargestList);
            await stream.CopyToAsync(list);
            await receive.GiveDepartmentsAsync(Key, list.ToArray(), await current.GetAsync());
        }, "List in force");
        _sheet = null;
        await LoadAsync();
    }

    private async Task CancelAsync(Guid id)
    {
        await _attempt!.RunAsync(async () => await receive.CancelAsync(Key, id, await current.GetAsync()), "Cancelled");
        await LoadAsync();
    }
}
