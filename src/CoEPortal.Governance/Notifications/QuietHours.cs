using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Notifications;

/// <summary>Local times between which mail and messages wait. Over midnight when they begin later than they end.</summary>
public static class QuietHours
{
    public static void Demand(TimeOnly? from, TimeOnly? until)
    {
        Refuse.If(from is null != until is null, "quiet-hours-incomplete", "Quiet hours have a beginning and an end. Name both, or none.");
        Refuse.If(from is not null && from == until, "quiet-hours-all-day", "Quiet hours that end when they begin would be the whole day. Pause the channel, or switch mail off, instead.");
    }
}
