using System.Diagnostics;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Asks every gateway that has a route of the canary, all at once.</summary>
internal sealed class RouteProbes(IEnumerable<IRouteProbe> probes)
{
    private static readonly TimeSpan LetGoWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(20);

    private readonly IReadOnlyList<IRouteProbe> _probes = [.. probes];

    /// <summary>Before the canary is halted: a route that refuses anyway would prove nothing.</summary>
    /// <returns>The routes that let the canary through, and what is wrong with the others.</returns>
    public async Task<(IReadOnlyList<IRouteProbe> Open, IReadOnlyList<string> Faults)> OpenAsync(CancellationToken cancellation)
    {
        var asked = await Task.WhenAll(_probes.Select(async probe =>
            (Probe: probe, Answer: (await UntilAsync(probe, ProbeAnswer.Allowed, LetGoWithin, cancellation)).Answer)));
        return (
            [.. asked.Where(a => a.Answer is ProbeAnswer.Allowed).Select(a => a.Probe)],
            [.. asked.Where(a => a.Answer is not ProbeAnswer.Allowed).Select(a =>
                $"{NameOf(a.Probe)}: {(a.Answer is ProbeAnswer.Refused ? "refused before the canary was halted" : "no answer before the canary was halted")}")]);
    }

    /// <summary>From now on, until each refuses.</summary>
    /// <returns>How long each took, and those that did not refuse in time.</returns>
    public static async Task<(IReadOnlyList<(string Name, TimeSpan After)> Refused, IReadOnlyList<string> Faults)> RefusedAsync(
        IReadOnlyList<IRouteProbe> open, TimeSpan within, CancellationToken cancellation)
    {
        var asked = await Task.WhenAll(open.Select(async probe =>
            (Name: NameOf(probe), Last: await UntilAsync(probe, ProbeAnswer.Refused, within, cancellation))));
        return (
            [.. asked.Where(a => a.Last.Answer is ProbeAnswer.Refused).Select(a => (a.Name, a.Last.After))],
            [.. asked.Where(a => a.Last.Answer is not ProbeAnswer.Refused).Select(a =>
                $"{a.Name}: {(a.Last.Answer is ProbeAnswer.Allowed ? "still let through" : "no answer")}")]);
    }

    private static string NameOf(IRouteProbe probe) => $"{probe.Name} (route)";

    private static async Task<(ProbeAnswer Answer, TimeSpan After)> UntilAsync(IRouteProbe probe, ProbeAnswer wanted, TimeSpan within, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await probe.AskAsync(cancellation);
            var after = Stopwatch.GetElapsedTime(started);
            if (answer == wanted || after > within)
            {
                return (answer, after);
            }

            await Task.Delay(AskEvery, cancellation);
        }
    }
}
