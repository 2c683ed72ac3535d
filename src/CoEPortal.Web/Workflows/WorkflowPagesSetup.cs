using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.Layout;

namespace CoEPortal.Web.Workflows;

/// <summary>What the pages of workflows give to the shell: what waits for an operator, and where Ctrl K leads.</summary>
public static class WorkflowPagesSetup
{
    private const int MostTargets = 4;

    public static IServiceCollection AddWorkflowPages(this IServiceCollection services) => services
        .AddSingleton<CountForMenu>(provider => async (actor, cancellation) => new Dictionary<string, int>
        {
            ["/workflows"] = await provider.GetRequiredService<LaneList>().CountIncidentsAsync(actor, cancellation),
        })
        .AddSingleton<FindJumpTargets>(provider => async (actor, text, cancellation) =>
        {
            if (!AccessPolicy.Allows(actor, Permission.ReadWorkflows))
            {
                return [];
            }

            var names = (await provider.GetRequiredService<WorkflowCatalogue>().InForceAsync(actor, cancellation)).ToDictionary(w => w.Newest.DefinitionId, w => DiagramWords.NameOf(w.Definition));
            var running = await provider.GetRequiredService<LaneList>().OfAsync(new LaneFilter(text, LaneStatus.Running), actor, size: MostTargets, cancellation: cancellation);
            return
            [
                .. names.Where(n => n.Value.Contains(text, StringComparison.OrdinalIgnoreCase)).Take(MostTargets)
                    .Select(n => new JumpTarget(n.Value, "Workflow", "schema", $"/workflows/{Uri.EscapeDataString(n.Key)}")),
                .. running.Items.Select(lane => new JumpTarget(
                    $"Review of {lane.Title}", $"{lane.UseCaseKey}, {names.GetValueOrDefault(lane.DefinitionId, lane.DefinitionId)}", "route", $"/workflows/instances/{lane.Id}")),
            ];
        });
}
