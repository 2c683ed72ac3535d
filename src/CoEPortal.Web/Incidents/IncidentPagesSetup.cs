using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Web.Layout;

namespace CoEPortal.Web.Incidents;

/// <summary>What the pages of incidents give to the shell: how many are under way, and where Ctrl K leads.</summary>
public static class IncidentPagesSetup
{
    private const int MostTargets = 5;

    public static IServiceCollection AddIncidentPages(this IServiceCollection services) => services
        .AddSingleton<CountForMenu>(provider => async (actor, cancellation) => AccessPolicy.Allows(actor, Permission.ReadIncidents)
            ? new Dictionary<string, int> { ["/incidents"] = (await provider.GetRequiredService<IncidentList>().CountsAsync(new IncidentFilter(), actor, cancellation)).UnderWay }
            : [])
        .AddSingleton<FindJumpTargets>(provider => async (actor, text, cancellation) =>
        {
            if (!AccessPolicy.Allows(actor, Permission.ReadIncidents))
            {
                return [];
            }

            var found = await provider.GetRequiredService<IncidentList>().PageAsync(new IncidentFilter(Search: text), actor, size: MostTargets, cancellation: cancellation);
            return [.. found.Items.Select(i => new JumpTarget(i.Title, $"{i.Key}, {IncidentWords.Of(i.State).Word.ToLowerInvariant()}", "warning", $"/incidents/{i.Key}"))];
        });
}
