using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>A gateway that keeps what it is told, and goes wrong in every way that it is asked to.</summary>
public sealed class FakeGateway : IGatewayAdmin
{
    private int _atOnce;

    public HashSet<ActuatorTarget> Blocked { get; } = [];

    public IEnumerable<string> Refused => Blocked.Select(b => b.ToString()).Order(StringComparer.Ordinal);

    public string? Trouble { get; set; }

    public bool Forgets { get; set; }

    public ActuatorTarget? Refuses { get; set; }

    public Action? AfterOrder { get; set; }

    public Func<Task>? AfterRead { get; set; }

    public int Orders { get; set; }

    public int MostAtOnce { get; private set; }

    public async Task<IReadOnlyDictionary<ActuatorTarget, TargetState>> ReadAsync(IReadOnlyCollection<ActuatorTarget> targets, CancellationToken cancellation)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));
        try
        {
            if (Trouble is { } trouble)
            {
                throw new GatewayAdminException(trouble);
            }

            var states = targets.ToDictionary(t => t, t => Blocked.Contains(t) ? TargetState.Blocked : TargetState.Open);
            await Task.Delay(1, cancellation);
            if (AfterRead is { } afterRead)
            {
                await afterRead();
            }

            return states;
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    public Task BlockAsync(ActuatorTarget target, CancellationToken cancellation) => Order(target, () => Blocked.Add(target));

    public Task UnblockAsync(ActuatorTarget target, CancellationToken cancellation) => Order(target, () => Blocked.Remove(target));

    public void Dispose()
    {
    }

    private Task Order(ActuatorTarget target, Action order)
    {
        Orders++;
        if (target == Refuses)
        {
            throw new GatewayAdminException("It was answered with 400.");
        }

        if (!Forgets)
        {
            order();
        }

        AfterOrder?.Invoke();
        return Task.CompletedTask;
    }
}
