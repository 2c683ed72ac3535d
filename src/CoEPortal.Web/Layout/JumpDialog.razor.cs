using CoEPortal.Governance.Access;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Radzen;

namespace CoEPortal.Web.Layout;

/// <summary>Goes to a page of the menu or to anything the features can find, by a few letters.</summary>
public sealed partial class JumpDialog(
    CurrentActor current, IEnumerable<FindJumpTargets> finders, NavigationManager navigation, DialogService dialogs)
    : ComponentBase, IDisposable
{
    private const int Shown = 9;

    private IReadOnlyList<JumpTarget> _found = [];
    private CancellationTokenSource _search = new();
    private ElementReference _input;
    private int _at;

    public void Dispose()
    {
        _search.Cancel();
        _search.Dispose();
    }

    protected override async Task OnInitializedAsync() => _found = await FindAsync("", _search.Token);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _input.FocusAsync();
        }
    }

    // Letters come faster than answers: only the newest search may show its result.
    private async Task SearchAsync(ChangeEventArgs e)
    {
        await _search.CancelAsync();
        _search.Dispose();
        _search = new();
        var newest = _search.Token;
        try
        {
            var found = await FindAsync(e.Value?.ToString()?.Trim() ?? "", newest);
            if (!newest.IsCancellationRequested)
            {
                (_found, _at) = (found, 0);
            }
        }
        catch (OperationCanceledException)
        {
            // A newer letter was typed.
        }
    }

    private async Task<IReadOnlyList<JumpTarget>> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (await current.FindAsync(cancellationToken) is not { } actor)
        {
            return [];
        }

        List<JumpTarget> found = [.. Pages(actor, text)];
        if (text.Length > 0)
        {
            foreach (var find in finders)
            {
                found.AddRange(await find(actor, text, cancellationToken));
            }
        }

        return [.. found.Take(Shown)];
    }

    private static IEnumerable<JumpTarget> Pages(Actor actor, string text) => Menu.For(actor)
        .Where(item => item.Text.Contains(text, StringComparison.OrdinalIgnoreCase))
        .Select(item => new JumpTarget(item.Text, item.Group, item.Icon, item.Href));

    private void OnKey(KeyboardEventArgs e)
    {
        switch (e.Key)
        {
            case "ArrowDown" when _found.Count > 0:
                _at = (_at + 1) % _found.Count;
                break;
            case "ArrowUp" when _found.Count > 0:
                _at = (_at + _found.Count - 1) % _found.Count;
                break;
            case "Enter" when _at < _found.Count:
                Go(_found[_at]);
                break;
            default:
                break;
        }
    }

    private void Go(JumpTarget target)
    {
        dialogs.Close();
        navigation.NavigateTo(target.Href);
    }
}
