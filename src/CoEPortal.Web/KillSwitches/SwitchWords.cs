using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.KillSwitches;

/// <summary>Switches as pages, dialogs and pills say them.</summary>
public static class SwitchWords
{
    public static State StateOf(SwitchStanding standing) => (standing.Reading, standing.Switch) switch
    {
        (SwitchReading.Running, _) => States.Running,
        (SwitchReading.ReleasePending, _) => States.HalfReleased,
        (_, { State: SwitchState.Limited, Share: { } share }) => new($"Open to {share} %", "tune", Tone.Warning),
        (SwitchReading.Stopping, _) => States.Stopping,
        (_, { Mode: SwitchMode.Degrade }) => States.BaselineOnly,
        (_, { Mode: SwitchMode.Rollback }) => States.RolledBack,
        _ => States.Stopped,
    };

    /// <summary>Stopped on 1 of 1, 0.02 s.</summary>
    public static string Of(SwitchStanding standing)
    {
        var total = standing.Nodes.Count;
        if (total == 0)
        {
            return "No decision node heard of in the last hour";
        }

        var silent = standing.Nodes.Count(n => n.Silent);
        var what = (standing.Reading, standing.Switch) switch
        {
            (SwitchReading.Running, _) => "Allowed",
            (_, { State: SwitchState.Limited, Share: { } share }) => $"Open to {share} %",
            (_, { Mode: SwitchMode.Degrade, FallbackModel: { } model }) => $"Only {model}",
            (_, { Mode: SwitchMode.Rollback, Rollback: { } version }) => $"Back to {version}",
            _ => "Stopped",
        };
        return $"{what} on {standing.Applied} of {total}"
            + (standing.TimeToEffect is { } time ? $", {InWords.Duration(time)}" : "")
            + (silent > 0 ? $", {silent} silent" : "");
    }

    public static SwitchStanding StandingOf(SwitchRow row) => new(row.Reading, row.Nodes, row.TimeToEffect) { Switch = row.Switch };

    /// <summary>UC-0142 Policy question assistant, model gpt-4.1, gateway nginx-eu, everything.</summary>
    public static string NameOf(SwitchScope scope, string target) => scope switch
    {
        SwitchScope.UseCase => target,
        SwitchScope.Model => $"model {target}",
        SwitchScope.Gateway => $"gateway {target}",
        _ => "everything",
    };

    /// <summary>Model gpt-4.1 is stopping in every use case.</summary>
    public static string TitleOf(KillSwitch wider, SwitchStanding standing)
    {
        var state = standing.Reading is SwitchReading.Stopping ? "stopping" : "stopped";
        return wider.Scope switch
        {
            SwitchScope.All => $"Everything is {state}",
            SwitchScope.Model => $"Model {wider.Target} is {state} in every use case",
            _ => $"Everything that goes through {wider.Target} is {state}",
        };
    }

    /// <summary>Mara Lindqvist: leaked clause. What a rule writes says itself which rule it was.</summary>
    public static string ByAndReason(KillSwitch engaged) =>
        engaged.EngagedByRule ? $"Rule {engaged.Reason}" : $"{engaged.EngagedByName}: {engaged.Reason}";

    /// <summary>Legal, Risk or a CoE lead.</summary>
    public static string AnyOf(IEnumerable<Role> roles)
    {
        List<string> names = [.. roles.Where(r => r is not Role.CoeLead).Order().Select(r => r.ToString()), "a CoE lead"];
        return names.Count == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }

    /// <summary>How much a stop affects, and what it takes to undo it. Without a reach only the latter.</summary>
    public static string Affected(SwitchScope scope, Reach? reach)
    {
        var calls = reach?.CallsOfLastDay switch
        {
            null => "",
            0 => "No reported call in the last 24 hours",
            { } some => $"{InWords.Count(some, "call")} in the last 24 hours",
        };
        var affected = (reach, scope) switch
        {
            (null, _) => "",
            (_, SwitchScope.UseCase) => $"{calls}. ",
            (_, SwitchScope.Model) => $"{calls}, from {InWords.Count(reach.UseCases, "use case")}. ",
            (_, SwitchScope.Gateway) => $"{InWords.Count(reach.UseCases, "use case")} with a credential of this gateway. ",
            _ => $"All of the {InWords.Count(reach.UseCases, "use case")} in service. {calls}. ",
        };
        return $"{affected}You can stop it alone. Releasing it takes two people{(scope is SwitchScope.UseCase ? ", neither of them an author of it" : "")}.";
    }

    /// <summary>Whether this person stops models, gateways and everything, and not only use cases of their unit.</summary>
    public static bool StopsMoreThanUseCases(Actor actor) =>
        AccessPolicy.Allows(actor, Permission.EngageSwitches) && !AccessPolicy.OnlyOwnUnit(actor, Permission.EngageSwitches);
}
