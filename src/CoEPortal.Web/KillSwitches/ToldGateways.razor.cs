using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.KillSwitches;

/// <summary>The gateways that are told what is stopped, and whether each stands as it should. Nothing where none is configured.</summary>
public sealed partial class ToldGateways(CurrentActor current, ActuatorList actuators, ILogger<ToldGateways> log) : ComponentBase
{
    private IReadOnlyList<ActuatorRow>? _rows;
    private Failure? _failure;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_rows, _failure) = (await actuators.ForAsync(await current.GetAsync()), null);
        }
        catch (Exception exception)
        {
            (_rows, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private static string TitleOf(IReadOnlyList<ActuatorRow> rows)
    {
        var lost = rows.Count(r => r.Reading is PushReading.Unreachable);
        var differ = rows.Count(r => r.Reading is PushReading.Differs);
        return (lost, differ) switch
        {
            (0, 0) => "Gateways that are told what is stopped",
            (0, _) => $"{InWords.Count(differ, "gateway")} that {(differ == 1 ? "is" : "are")} told what is stopped {(differ == 1 ? "does" : "do")} not hold it",
            _ => $"{InWords.Count(lost, "gateway")} cannot be told what is stopped",
        };
    }

    private static string KindOf(ActuatorKind kind) => kind switch
    {
        ActuatorKind.LiteLlm => "LiteLLM",
        ActuatorKind.HaProxy => "HAProxy",
        _ => "Kong",
    };

    private static State StateOf(PushReading reading) => reading switch
    {
        PushReading.Effective => new("Effective", "verified", Tone.Good),
        PushReading.Pending => new("Pending", "hourglass_top", Tone.Warning),
        PushReading.Differs => new("Differs", "sync_problem", Tone.Bad),
        _ => new("Unreachable", "link_off", Tone.Bad),
    };
}
