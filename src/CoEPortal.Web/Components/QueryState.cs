using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Radzen;

namespace CoEPortal.Web.Components;

/// <summary>
/// The state of a list, kept in the address: <c>?lane=full&amp;sort=due&amp;page=2</c>. Back, reload and sharing work
/// without code. A page takes it as a cascading parameter and reads it in <c>OnParametersSetAsync</c>, which then runs
/// again after each change.
/// </summary>
public sealed class QueryState(NavigationManager navigation) : IDisposable
{
    private static readonly TimeSpan AfterLastLetter = TimeSpan.FromMilliseconds(250);

    public const string PageParameter = "page";

    /// <summary>The column's property; a minus in front sorts downwards.</summary>
    public const string SortParameter = "sort";

    private string _path = "";
    private CancellationTokenSource? _typing;

    /// <summary>Another query on the same page. Pages need not listen: the cascading parameter does.</summary>
    public event Action? Changed;

    public string? this[string name] =>
        Query().TryGetValue(name, out var values) && values.ToString() is { Length: > 0 } text ? text : null;

    public int Page => int.TryParse(this[PageParameter], NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page > 0 ? page : 1;

    /// <summary>For <c>SortOrder</c> of a grid column: what the address says about it.</summary>
    public SortOrder? SortOf(string property)
    {
        var sort = this[SortParameter];
        return sort == property ? SortOrder.Ascending : sort == "-" + property ? SortOrder.Descending : null;
    }

    /// <summary>For <c>Sort</c> of a grid: puts the order somebody chose into the address, and the page loads from there.</summary>
    public void TakeSort<TRow>(DataGridColumnSortEventArgs<TRow> chosen)
        where TRow : notnull
    {
        var property = chosen.Column?.GetSortProperty();
        Go(quietly: false, (SortParameter, chosen.SortOrder switch
        {
            SortOrder.Ascending => property,
            SortOrder.Descending => "-" + property,
            _ => null,
        }));
    }

    /// <summary>
    /// For <c>LoadData</c> of a grid: only that it is there tells the grid that its rows come sorted and paged, so that
    /// it does not sort one page by itself. It fires for changed parameters too and therefore cannot tell what was chosen.
    /// </summary>
    public static void SortedByServer(LoadDataArgs grid)
    {
    }

    /// <summary>Whether a parameter is there at all, as in <c>?mine</c>.</summary>
    public bool Has(string name) => Query().ContainsKey(name);

    /// <summary>The value of an enumeration, whatever its case; null when absent or unknown.</summary>
    public TEnum? Choice<TEnum>(string name)
        where TEnum : struct, Enum =>
        Enum.TryParse<TEnum>(this[name], ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;

    /// <summary>A whole number that is one of few; <paramref name="otherwise"/> when absent or none of them.</summary>
    public int OneOf(string name, IReadOnlyCollection<int> allowed, int otherwise) =>
        int.TryParse(this[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && allowed.Contains(value) ? value : otherwise;

    /// <summary>The address with some parameters changed, for links; null or empty removes one. Back to the first page, unless that is the change.</summary>
    public string With(params (string Name, object? Value)[] changes)
    {
        var query = Query();
        query.Remove(PageParameter);
        foreach (var (name, value) in changes)
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text)
            {
                query[name] = text;
            }
            else
            {
                query.Remove(name);
            }
        }

        var path = navigation.ToAbsoluteUri(navigation.Uri).AbsolutePath;
        return QueryHelpers.AddQueryString(path, query);
    }

    /// <summary>Goes there. <paramref name="quietly"/> replaces the entry in the history: for a search box, where Back should not undo letters.</summary>
    public void Go(bool quietly, params (string Name, object? Value)[] changes) =>
        navigation.NavigateTo(With(changes), replace: quietly);

    /// <summary>For <c>ValueChanged</c> of a search box: goes there a moment after the last letter.</summary>
    public async Task SearchAsync(string text)
    {
        _typing?.Cancel();
        var typing = _typing = new CancellationTokenSource();
        await Task.Delay(AfterLastLetter, typing.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        // The box tells again when it is left; going there again would fall back to the first page.
        if (!typing.IsCancellationRequested && text != (this["search"] ?? ""))
        {
            Go(quietly: true, ("search", text));
        }
    }

    public void Dispose()
    {
        _typing?.Cancel();
        _typing?.Dispose();
    }

    /// <summary>Starts to watch the address; not in the constructor, because the circuit makes this before it knows its address.</summary>
    internal void Follow()
    {
        _path = navigation.ToAbsoluteUri(navigation.Uri).AbsolutePath;
        navigation.LocationChanged += (_, moved) =>
        {
            var path = new Uri(moved.Location).AbsolutePath;
            if (path == _path)
            {
                Changed?.Invoke();
            }

            _path = path;
        };
    }

    private Dictionary<string, StringValues> Query() =>
        QueryHelpers.ParseQuery(navigation.ToAbsoluteUri(navigation.Uri).Query);
}
