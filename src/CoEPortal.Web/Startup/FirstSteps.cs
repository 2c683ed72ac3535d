using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Startup;

/// <summary>What has to be so before the first request: people known, lanes and clock rules published, the demo organisation there.</summary>
public sealed class FirstSteps(
    PublishWorkflows publishWorkflows, PublishClockRules publishClockRules, PublishPolicy publishPolicy, KeepRules keepRules, TriageRules rules, DemoOrganisation demoOrganisation, DemoSignIn demo, ILogger<FirstSteps> log)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await keepRules.RunAsync(cancellationToken);
        foreach (var refused in rules.Refused)
        {
            log.LogError("Rules refused: {Refused}", refused);
        }

        await publishWorkflows.RunAsync(cancellationToken);
        foreach (var refused in publishWorkflows.Refused)
        {
            log.LogError("Workflow refused: {Refused}", refused);
        }

        await publishClockRules.RunAsync(cancellationToken);
        foreach (var refused in publishClockRules.Refused)
        {
            log.LogError("Clock rules refused: {Refused}", refused);
        }

        await publishPolicy.FromFilesAsync(cancellationToken);
        foreach (var refused in publishPolicy.Refused)
        {
            log.LogError("Policy refused: {Refused}", refused);
        }

        if (demo.IsOn)
        {
            await demoOrganisation.SettleAsync(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
