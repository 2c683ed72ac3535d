using CoEPortal.Governance.Intake;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.ShadowAi;

/// <summary>Campaigns, findings and imports in words.</summary>
public static class CampaignWords
{
    public static IReadOnlyList<Choice<Disposition>> Dispositions { get; } =
    [
        new(Disposition.Approved, "Approve"), new(Disposition.Replaced, "Replace"), new(Disposition.Restricted, "Restrict"), new(Disposition.Blocked, "Block"), new(Disposition.Exception, "Exception until a day"),
    ];

    public static IReadOnlyList<Choice<SurveyPurpose>> Purposes { get; } =
    [
        new(SurveyPurpose.Writing, "Writing"), new(SurveyPurpose.Translation, "Translation"), new(SurveyPurpose.Summaries, "Summaries"), new(SurveyPurpose.Code, "Code"), new(SurveyPurpose.Meetings, "Meetings"),
        new(SurveyPurpose.Research, "Research"), new(SurveyPurpose.Images, "Images"), new(SurveyPurpose.Data, "Working with data"), new(SurveyPurpose.Other, "Something else"),
    ];

    public static IReadOnlyList<Choice<DataClass>> DataClasses { get; } =
    [
        new(DataClass.Public, "Public only"), new(DataClass.Internal, "Internal"), new(DataClass.Confidential, "Confidential"), new(DataClass.Restricted, "Restricted"),
    ];

    public static State Of(CampaignState state) => state is CampaignState.Open ? new("Open", "radar", Tone.Info) : new("Closed", "task_alt", Tone.Good);

    public static State Of(Disposition disposition) => disposition switch
    {
        Disposition.Approved => new("Approved", "verified", Tone.Good),
        Disposition.Replaced => new("Replaced", "swap_horiz", Tone.Neutral),
        Disposition.Restricted => new("Restricted", "rule", Tone.Warning),
        Disposition.Blocked => new("Blocked", "block", Tone.Bad),
        Disposition.Exception => new("Exception", "hourglass_top", Tone.Warning),
        _ => new("Undecided", "help", Tone.Neutral),
    };

    public static State Of(ToolFinding finding) => finding.EndedAt is null ? Of(finding.Disposition) : new("Exception ended", "event_busy", Tone.Bad);

    public static State Of(RiskLevel level) => level switch
    {
        RiskLevel.High => new("High", "signal_cellular_alt", Tone.Bad),
        RiskLevel.Medium => new("Medium", "signal_cellular_alt_2_bar", Tone.Warning),
        _ => new("Low", "signal_cellular_alt_1_bar", Tone.Neutral),
    };

    public static State Of(ImportState state) => state switch
    {
        ImportState.Receiving => new("Arriving", "upload", Tone.Info),
        ImportState.Waiting => new("Waiting", "schedule", Tone.Neutral),
        ImportState.Running => new("Being read", "hourglass_top", Tone.Info),
        ImportState.Done => new("Done", "task_alt", Tone.Good),
        ImportState.Failed => new("Failed", "error", Tone.Bad),
        _ => new("Cancelled", "cancel", Tone.Neutral),
    };

    public static string Of(UsageSource source) => source switch
    {
        UsageSource.Proxy => "proxy log",
        UsageSource.Dns => "name server log",
        UsageSource.SignIn => "single sign-on",
        UsageSource.Spend => "software spend",
        _ => "survey",
    };

    public static string Titled(UsageSource source) => source switch
    {
        UsageSource.Proxy => "Proxy logs",
        UsageSource.Dns => "Name server logs",
        UsageSource.SignIn => "Single sign-on",
        UsageSource.Spend => "Software spend",
        _ => "Survey, amnesty",
    };

    public static string IconOf(UsageSource source) => source switch
    {
        UsageSource.Proxy => "lan",
        UsageSource.Dns => "dns",
        UsageSource.SignIn => "key",
        UsageSource.Spend => "payments",
        _ => "forum",
    };

    public static string Of(LineFault fault) => fault switch
    {
        LineFault.TooLong => "longer than 64 KiB",
        LineFault.TooShort => "too few fields",
        LineFault.Time => "no time that could be",
        LineFault.Host => "no host or tool",
        LineFault.Who => "nobody named, or a name longer than any",
        LineFault.Window => "before the campaign’s first day",
        LineFault.Amount => "no amount",
        LineFault.Currency => "another currency than the rest",
        LineFault.Cells => "cells missing or quotes wrong",
        _ => "not a request",
    };

    /// <summary>412, or 12 addresses where nobody signed in, or 3 answers.</summary>
    public static string Heads(ToolFinding finding) => finding switch
    {
        { People: > 0 } => InWords.Number(finding.People),
        { Addresses: > 0 } => InWords.Count(finding.Addresses, "address", "addresses"),
        { Answers: > 0 } => InWords.Count(finding.Answers, "answer"),
        _ => InWords.Missing,
    };

    public static string DepartmentOf(string department) => department == Departments.Unknown ? "department not known" : department;
}
