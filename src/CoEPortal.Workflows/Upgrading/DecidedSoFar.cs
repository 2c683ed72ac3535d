using CoEPortal.Workflows.Linting;

namespace CoEPortal.Workflows.Upgrading;

/// <summary>
/// The current round of an instance, read from its state. Where the state leaves a doubt, the approval does not count.
/// </summary>
internal static class DecidedSoFar
{
    public static Round In(WorkflowDefinition definition, WorkflowState state)
    {
        var view = InstanceView.Of(definition, state);
        var scope = new StateScope(definition, state);
        var asked = definition.Root.Activities
            .Where(a => a.Type is ActivityTypes.RunTask && state.Openings.ContainsKey(a.Id))
            .Select(a => (Task: a, Review: ReviewPayload.From(state.Bookmarks.FirstOrDefault(b => b.ActivityId == a.Id)?.Payload ?? scope.Read(a, "payload"))))
            .Where(a => a.Review is not null)
            .ToList();
        // Two tasks that write the same variable: whose answer it holds cannot be told.
        var shared = asked.GroupBy(a => a.Task.OutputVariableId("result")).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var rounds = asked.Select(a => state.Openings[a.Task.Id]).DefaultIfEmpty(0).Max();
        var round = Round.First;
        foreach (var (task, review) in asked)
        {
            var variable = task.OutputVariableId("result");
            var decision = view[task.Id].Progress is ActivityProgress.Done && variable is not null && !shared.Contains(variable)
                ? state.Variables.GetValueOrDefault(definition.FindVariable(variable)?.Name ?? "").Member("decision")?.AsText()
                : null;
            var question = new Question(review!.Function, decision);
            // Opened less often than others: an approval that an earlier round may have left behind.
            if (state.Openings[task.Id] == rounds || !question.Approves)
            {
                round = new Round(round.Questions.SetItem(task.Id, question));
            }
        }

        return round;
    }
}
