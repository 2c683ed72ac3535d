using System.Collections.Concurrent;
using System.Globalization;
using CoEPortal.Governance.KillCriteria;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoEPortal.Enforcement;

/// <summary>
/// Budget set aside at admission, where a gateway says what a call may cost at most (<c>X-Gov-Reserve</c>, US dollars). Spend
/// is known only after a call, so without this N calls at once overshoot by N. Each node gives out its share of what is left;
/// a reservation ends when as much cost has arrived, at the latest after 30 s. In memory, no database in the way.
/// </summary>
public sealed class Reservations(RemainingBudgets budgets, TimeProvider clock, ILogger<Reservations> log) : BackgroundService
{
    /// <summary>A call that runs longer is counted by its cost only.</summary>
    public static readonly TimeSpan Held = TimeSpan.FromSeconds(30);

    public const int MostUseCases = 10_000;
    public const int MostHeld = 100_000;

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    // Use cases whose gateways ask; only for these is anything read.
    private readonly ConcurrentDictionary<string, Purse> _purses = new(StringComparer.Ordinal);

    /// <param name="useCase">Whose budget.</param>
    /// <param name="amount">As the header says it.</param>
    /// <returns>False when less is left than is asked for, or what is asked for is no amount.</returns>
    public bool TryReserve(string useCase, string amount)
    {
        if (!decimal.TryParse(amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars) || dollars > 1_000_000
            || _purses.Count >= MostUseCases && !_purses.ContainsKey(useCase))
        {
            return false;
        }

        return _purses.GetOrAdd(useCase, _ => new Purse()).TryTake(dollars, clock.GetTimestamp(), clock);
    }

    /// <summary>Reads what is left of the budgets that somebody asked for.</summary>
    public async Task ReadAsync(CancellationToken cancellation = default)
    {
        var asked = _purses.Keys.ToList();
        if (asked.Count == 0)
        {
            return;
        }

        var (left, nodes) = await budgets.ReadAsync(asked, cancellation);
        foreach (var (useCase, purse) in _purses.Where(p => asked.Contains(p.Key)))
        {
            purse.Fill(left.TryGetValue(useCase, out var amount) ? amount / nodes : decimal.MaxValue, clock);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(ReadEvery, clock, stoppingToken);
                await ReadAsync(stoppingToken);
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or InvalidOperationException && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(error, "What is left of budgets cannot be read; reservations go on with the last figures");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private sealed class Purse
    {
        private readonly Queue<(long At, decimal Dollars)> _held = new();
        // Unknown until first read; the first calls of a second go through on credit, bounded by what they reserve.
        private decimal _left = decimal.MaxValue;
        private decimal _reserved;

        public bool TryTake(decimal dollars, long now, TimeProvider clock)
        {
            lock (_held)
            {
                Expire(clock);
                if (_held.Count >= MostHeld || _left != decimal.MaxValue && _reserved + dollars > _left)
                {
                    return false;
                }

                _held.Enqueue((now, dollars));
                _reserved += dollars;
                return true;
            }
        }

        public void Fill(decimal left, TimeProvider clock)
        {
            lock (_held)
            {
                Expire(clock);
                // What was spent meanwhile was reserved before: counted once, as cost.
                for (var spent = _left == decimal.MaxValue ? 0 : _left - left; spent > 0 && _held.TryDequeue(out var oldest); spent -= oldest.Dollars)
                {
                    _reserved -= oldest.Dollars;
                }

                _left = left;
            }
        }

        private void Expire(TimeProvider clock)
        {
            while (_held.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) > Held)
            {
                _reserved -= _held.Dequeue().Dollars;
            }
        }
    }
}
