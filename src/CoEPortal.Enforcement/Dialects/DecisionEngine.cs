using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Http;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>The one place that decides, for whoever speaks another dialect than <c>/gov/v1/decide</c>.</summary>
public sealed class DecisionEngine(SwitchBoard board, MachineDoor door)
{
    public EnforcementSnapshot Current => board.Current;

    /// <summary>The name of the gateway that asks; null when its token does not let it in.</summary>
    public string? Admit(HttpRequest request) => door.Admit(request, MachineToken.EnforcementRead)?.Name;

    public Verdict Decide(in VerdictRequest request)
    {
        var verdict = Verdict.Of(board.Current, request, board.Age);
        if (board.Age > SwitchBoard.StaleAfter)
        {
            board.AnsweredStale(verdict);
        }

        return verdict;
    }

    /// <summary>Whether this node refuses it: what a drill asks where no probe through a gateway is set.</summary>
    public Task<bool> ProbeAsync(string useCaseKey, CancellationToken cancellation) =>
        // That nobody in particular has no training is no stop.
        Task.FromResult(Decide(new VerdictRequest(useCaseKey, null, null, null, null, null)) is { Allowed: false, Reason: not Verdict.TrainingRequired });

    /// <summary>A sentence for people, from what the switch says, else from the reason.</summary>
    public static string Explain(Verdict verdict) =>
        verdict.Message.Length > 0 ? verdict.Message : $"Stopped by governance: {verdict.Reason}{(verdict.UseCase is null ? "" : $" ({verdict.UseCase})")}.";
}
