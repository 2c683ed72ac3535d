using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using Radzen;

namespace CoEPortal.Web.Audit;

/// <summary>After a change that weighs much: waits for its checkpoint as long as the organisation says, and tells the person when it took longer.</summary>
public sealed class RecordedNotice(AwaitCheckpoint checkpoint, Organisation organisation, NotificationService toasts)
{
    public async Task WaitAsync()
    {
        if (organisation.CheckpointWithin > TimeSpan.Zero && await checkpoint.RunAsync(organisation.CheckpointWithin) is null)
        {
            toasts.Notify(new()
            {
                Severity = NotificationSeverity.Info,
                Summary = "Recorded, not yet in a checkpoint",
                Detail = "It is done and stays done. The page Audit shows when it is signed.",
                Duration = 8000,
            });
        }
    }
}
