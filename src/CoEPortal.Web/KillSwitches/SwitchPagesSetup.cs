using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Layout;

namespace CoEPortal.Web.KillSwitches;

/// <summary>What the pages of switches and use cases give to the shell: pills, the count in the menu, and where Ctrl K leads.</summary>
public static class SwitchPagesSetup
{
    private const int MostTargets = 8;

    public static IServiceCollection AddSwitchPages(this IServiceCollection services) => services
        .AddSingleton<CountSwitches>(provider => async (actor, cancellation) =>
        {
            // The pill leads to the console, so it is for those who may open that.
            if (!AccessPolicy.Allows(actor, Permission.ReadSwitches))
            {
                return SwitchPills.None;
            }

            var (stopping, stopped) = await provider.GetRequiredService<SwitchConsole>().PillsAsync(actor, cancellation);
            return new SwitchPills(stopping, stopped);
        })
        .AddSingleton<CountForMenu>(provider => async (actor, cancellation) =>
            AccessPolicy.Allows(actor, Permission.ReadSwitches)
                ? new Dictionary<string, int> { ["/switches"] = (await provider.GetRequiredService<SwitchConsole>().CountsAsync(actor, cancellation)).Engaged }
                : [])
        .AddSingleton<FindJumpTargets>(provider => async (actor, text, cancellation) =>
        {
            if (!AccessPolicy.Allows(actor, Permission.ReadUseCases))
            {
                return [];
            }

            var found = await provider.GetRequiredService<UseCaseList>().ForAsync(actor, new UseCaseFilter(text), size: MostTargets, cancellation: cancellation);
            return [.. found.Items.Select(u => new JumpTarget(
                u.Title.Length > 0 ? u.Title : "Untitled proposal", $"{u.Key}, {u.BusinessUnit}", "apps", $"/use-cases/{u.Key}"))];
        });
}
