using CoEPortal.Governance.Access;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Layout;

/// <summary>
/// Figures for the menu by address, e.g. <c>/inbox</c> → 7: what waits for this person, or totals. Register as many as
/// there are features that count something.
/// </summary>
public delegate Task<IReadOnlyDictionary<string, int>> CountForMenu(Actor actor, CancellationToken cancellationToken);

/// <summary>How many switches this person should know to be stopping or stopped.</summary>
public delegate Task<SwitchPills> CountSwitches(Actor actor, CancellationToken cancellationToken);

public sealed record SwitchPills(int Stopping, int Stopped)
{
    public static SwitchPills None { get; } = new(0, 0);
}

/// <summary>
/// The live figures around every page of one circuit. Read on every navigation, every few seconds, and by
/// <see cref="RefreshAsync"/> after a page has changed something.
/// </summary>
public sealed class ShellFigures(
    CurrentActor current, IEnumerable<CountForMenu> menu, IEnumerable<CountSwitches> switches, ILogger<ShellFigures> log)
{
    public event Action? Changed;

    public IReadOnlyDictionary<string, int> Counts { get; private set; } = new Dictionary<string, int>();

    public SwitchPills Pills { get; private set; } = SwitchPills.None;

    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (await current.FindAsync(cancellationToken) is not { } actor)
            {
                return;
            }

            var counts = new Dictionary<string, int>();
            foreach (var count in menu)
            {
                foreach (var (href, figure) in await count(actor, cancellationToken))
                {
                    counts[href] = figure;
                }
            }

            var pills = SwitchPills.None;
            foreach (var count in switches)
            {
                var found = await count(actor, cancellationToken);
                pills = new(pills.Stopping + found.Stopping, pills.Stopped + found.Stopped);
            }

            (Counts, Pills) = (counts, pills);
            Changed?.Invoke();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Figures in the margin must never take the page down; the last ones stay.
            log.LogWarning(exception, "The figures of the menu could not be read");
        }
    }
}
