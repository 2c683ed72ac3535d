using System.Data;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>Reads all that belongs in an audit PDF, in one consistent view: a decision made meanwhile is in all of it or in none.</summary>
public sealed class CollectAuditPack(
    IDbContextFactory<GovernanceDb> databases, OpenEntries open, TriageRules rules, VersionedFiles<GateRules> gates, PublishedDefinitions definitions, Organisation organisation,
    TimeProvider clock)
    : IDisposable
{
    /// <summary>What is printed of a timeline; about two hundred pages.</summary>
    public const int MostTimelineEntries = 5000;

    // Two previews at a time: each reads as much as a report.
    private readonly SemaphoreSlim _previews = new(2);

    /// <summary>For the printer: whether somebody may have it is asked when they request it and when it is handed out.</summary>
    public async Task<AuditPack> OfAsync(PackSubject subject, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTrackingWithIdentityResolution;
        await using var view = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        return subject switch
        {
            UseCaseSubject useCase => await new CollectUseCasePack(open, rules, gates, definitions, organisation, clock).OfAsync(db, useCase, cancellation),
            PeriodSubject period => await new CollectPeriodPack(open, organisation, clock).OfAsync(db, period, cancellation),
            PortfolioSubject portfolio => await new CollectPortfolioPack(open, organisation, clock).OfAsync(db, portfolio, cancellation),
            DrillSubject drill => await new CollectDrillPack(open, clock).OfAsync(db, drill, cancellation),
            ExerciseSubject exercise => await new CollectExercisePack(open, clock).OfAsync(db, exercise, cancellation),
            CampaignSubject campaign => await new CollectCampaignPack(open, organisation, clock).OfAsync(db, campaign, cancellation),
            IncidentSubject incident => await new CollectIncidentPack(open, clock).OfAsync(db, incident, cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(subject)),
        };
    }

    /// <summary>What a report would say now, for somebody who may ask for it.</summary>
    public async Task<AuditPack> PreviewAsync(PackSubject subject, Actor reader, CancellationToken cancellation = default)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellation))
        {
            await subject.DemandAsync(db, reader, cancellation);
        }

        (subject as PeriodSubject)?.DemandSensible(organisation.DayOf(clock.GetUtcNow()));
        await _previews.WaitAsync(cancellation);
        try
        {
            return await OfAsync(subject, cancellation);
        }
        finally
        {
            _previews.Release();
        }
    }

    public void Dispose() => _previews.Dispose();

    /// <summary>Whole subjects, so that a missing number shows. Of the job that prints this, what has happened so far.</summary>
    internal static async Task<List<TimelineEntry>> EventsAsync(
        GovernanceDb db, OpenEntries open, List<(string Type, string Key)> subjects, CancellationToken cancellation)
    {
        var types = subjects.ConvertAll(s => s.Type).ToArray();
        var keys = subjects.ConvertAll(s => s.Key).ToArray();
        var found = await EntriesAsync(db, open, db.AuditEvents.FromSql(
            $"""
            select e.* from audit.event e
            join unnest({types}, {keys}) as subject (type, key) on e.subject_type = subject.type and e.subject_key = subject.key
            """), cancellation);
        return [.. found.OrderBy(e => e.SubjectType, StringComparer.Ordinal).ThenBy(e => e.SubjectKey, StringComparer.Ordinal).ThenBy(e => e.SubjectVersion)];
    }

    internal static async Task<List<TimelineEntry>> EntriesAsync(
        GovernanceDb db, OpenEntries open, IQueryable<AuditEvent> events, CancellationToken cancellation) =>
        await open.RunAsync(db, await events.Select(TimelineEntry.AsStored).ToListAsync(cancellation), cancellation);
}
