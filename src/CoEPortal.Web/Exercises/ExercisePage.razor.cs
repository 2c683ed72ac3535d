using CoEPortal.Governance.Access;
using CoEPortal.Governance.Exercises;
using CoEPortal.Web.Components;
using CoEPortal.Web.Incidents;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Exercises;

/// <summary>One exercise while it is planned, played and followed: the timer tells the players what happens next.</summary>
public sealed partial class ExercisePage(
    CurrentActor current, ExerciseCalendar calendar, RunExercise run, DialogService dialogs, TimeProvider clock) : ComponentBase
{
    private static readonly IReadOnlyList<Crumb> Way = [new("Exercises", "/exercises")];

    private ExerciseSheet? _sheet;
    private Failure? _failure;
    private Attempt? _attempt;
    private DateTimeOffset _now;

    [Parameter]
    public string Key { get; set; } = "";

    [Inject]
    public ILogger<ExercisePage> Log { get; set; } = default!;

    private TimeSpan? Elapsed => _sheet?.Exercise is { StartedAt: { } start } exercise ? (exercise.EndedAt ?? _now) - start : null;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private List<Inject> Told(Exercise exercise) =>
        Elapsed is { } elapsed ? [.. exercise.Played.Injects.Where(i => elapsed.TotalMinutes >= i.At)] : [];

    private async Task LoadAsync()
    {
        try
        {
            (_sheet, _failure, _now) = (await calendar.OfAsync(Key, await current.GetAsync()), null, clock.GetUtcNow());
        }
        catch (Exception exception)
        {
            (_sheet, _failure) = (null, Failure.Of(exception, Log));
        }
    }

    private async Task TryAsync(Func<Actor, Task> act, string done)
    {
        await _attempt!.RunAsync(async () => await act(await current.GetAsync()), done);
        await LoadAsync();
    }

    private async Task AskAsync(string title, string act, string label, Func<string, Actor, Task> work)
    {
        await WordsDialog.OpenAsync(dialogs, title, act, async words => await work(words, await current.GetAsync()), label);
        await LoadAsync();
    }

    private async Task SeatAsync()
    {
        await dialogs.OpenAsync<SeatDialog>($"Seat somebody in {Key}", new() { [nameof(SeatDialog.Exercise)] = _sheet!.Exercise }, new() { Width = "32rem" });
        await LoadAsync();
    }
}
