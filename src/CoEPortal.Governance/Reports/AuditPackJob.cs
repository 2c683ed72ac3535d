using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Reports;

public enum JobState { Waiting, Running, Done, Failed, Cancelled }

public enum Paper { A4, Letter }

/// <summary>Somebody asked for an audit PDF. Printing takes seconds, so it is a job that can be watched, left and cancelled.</summary>
public sealed class AuditPackJob : Aggregate
{
    private AuditPackJob()
    {
    }

    public Guid Id { get; private init; }

    public PackKind SubjectKind { get; private init; }

    public string SubjectKey { get; private init; } = "";

    /// <summary>Null when it is not about one use case.</summary>
    public string? UseCaseKey { get; private init; }

    public Paper Paper { get; private init; }

    public JobState State { get; private set; }

    /// <summary>0 to 100.</summary>
    public int Progress { get; private set; }

    public string Step { get; private set; } = "";

    public string RequestedBy { get; private init; } = "";

    public string RequestedByName { get; private init; } = "";

    public DateTimeOffset RequestedAt { get; private init; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Tries so far. A node that died in the middle leaves the job to the next one.</summary>
    public int Attempts { get; private set; }

    public string? Failure { get; private set; }

    public byte[]? Pdf { get; private set; }

    /// <summary>Of the audit log's checkpoint that the PDF carries; null when it carries none.</summary>
    public long? CheckpointSize { get; private set; }

    public PackSubject Subject => PackSubject.Of(SubjectKind, SubjectKey);

    public bool IsOpen => State is JobState.Waiting or JobState.Running;

    public override (string Type, string Key) AuditSubject => ("audit-pack", Id.ToString());

    public static AuditPackJob Request(PackSubject subject, Paper paper, Actor by, DateTimeOffset now)
    {
        var job = new AuditPackJob
        {
            Id = Guid.CreateVersion7(now),
            SubjectKind = subject.Kind,
            SubjectKey = subject.Key,
            UseCaseKey = subject.UseCaseKey,
            Paper = paper,
            Step = "Waiting for a printer",
            RequestedBy = by.Id.Value,
            RequestedByName = by.Name,
            RequestedAt = now,
        };
        job.Record(new AuditPackRequested(job.UseCaseKey, by, now) { Subject = job.Named });
        return job;
    }

    public void Start(DateTimeOffset now)
    {
        State = JobState.Running;
        StartedAt = now;
        Attempts++;
        Touch();
    }

    public void Report(int progress, string step)
    {
        Progress = progress;
        Step = step;
        Touch();
    }

    public void Finish(byte[] pdf, string pdfHash, long? checkpointSize, Actor by, DateTimeOffset now)
    {
        State = JobState.Done;
        Progress = 100;
        Step = "Ready";
        Pdf = pdf;
        CheckpointSize = checkpointSize;
        FinishedAt = now;
        Record(new AuditPackPrinted(UseCaseKey, pdfHash, RequestedBy, RequestedByName, by, now) { Subject = Named });
    }

    public void Fail(string why, Actor by, DateTimeOffset now)
    {
        State = JobState.Failed;
        Step = "Failed";
        Failure = why.Length > 1000 ? why[..1000] : why;
        FinishedAt = now;
        Record(new AuditPackFailed(UseCaseKey, Failure, by, now) { Subject = Named });
    }

    /// <summary>Who asked may think again, and a CoE lead may end what keeps the printer from others.</summary>
    public void Cancel(Actor by, DateTimeOffset now)
    {
        Refuse.If(by.Id.Value != RequestedBy && !by.Is(Role.CoeLead), "not-your-report", $"{RequestedByName} asked for this report. They or a CoE lead cancel it.");
        Refuse.If(!IsOpen, "report-ended", "This report has already ended. There is nothing to cancel.");
        State = JobState.Cancelled;
        Step = "Cancelled";
        FinishedAt = now;
        Record(new AuditPackCancelled(UseCaseKey, RequestedBy, RequestedByName, by, now) { Subject = Named });
    }

    private string Named => Subject switch
    {
        UseCaseSubject => SubjectKey,
        PortfolioSubject { BusinessUnit: null, Stage: null, Lane: null } => "portfolio",
        _ => $"{SubjectKind.ToString().ToLowerInvariant()} {SubjectKey}",
    };
}

public sealed record AuditPackRequested(string? UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    /// <summary>What the report is about; absent before there were others than use cases.</summary>
    public string? Subject { get; init; }
}

public sealed record AuditPackPrinted(
    string? UseCase, string PdfHash, string RequestedById, [property: Personal(nameof(AuditPackPrinted.RequestedById))] string RequestedBy, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => PdfHash;

    public string? Subject { get; init; }
}

public sealed record AuditPackFailed(string? UseCase, string Why, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public string? Subject { get; init; }
}

public sealed record AuditPackCancelled(
    string? UseCase, string RequestedById, [property: Personal(nameof(AuditPackCancelled.RequestedById))] string RequestedBy, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public string? Subject { get; init; }
}
