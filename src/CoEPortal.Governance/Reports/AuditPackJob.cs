using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Reports;

public enum JobState { Waiting, Running, Done, Failed }

/// <summary>Somebody asked for the audit PDF of a use case. Printing takes seconds, so it is a job that can be watched and left.</summary>
public sealed class AuditPackJob : Aggregate
{
    private AuditPackJob()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

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

    public override (string Type, string Key) AuditSubject => ("audit-pack", Id.ToString());

    public static AuditPackJob Request(string useCaseKey, Actor by, DateTimeOffset now)
    {
        var job = new AuditPackJob
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Step = "Waiting for a printer",
            RequestedBy = by.Id.Value,
            RequestedByName = by.Name,
            RequestedAt = now,
        };
        job.Record(new AuditPackRequested(useCaseKey, by, now));
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
        Record(new AuditPackPrinted(UseCaseKey, pdfHash, RequestedByName, by, now));
    }

    public void Fail(string why, Actor by, DateTimeOffset now)
    {
        State = JobState.Failed;
        Step = "Failed";
        Failure = why.Length > 1000 ? why[..1000] : why;
        FinishedAt = now;
        Record(new AuditPackFailed(UseCaseKey, Failure, by, now));
    }
}

public sealed record AuditPackRequested(string UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record AuditPackPrinted(string UseCase, string PdfHash, string RequestedBy, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => PdfHash;
}

public sealed record AuditPackFailed(string UseCase, string Why, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
