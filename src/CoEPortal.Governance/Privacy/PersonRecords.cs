using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <summary>Kinds of things the portal holds of a person.</summary>
public enum Holding
{
    Account, Proposals, Documents, Candidates, Reviews, Decisions, Conditions, Comments, Delegations, Switches, Incidents, Exercises, Feedback, Assurance, Register, Adoption, Training, Campaigns, Reports, Privacy,
    Notifications, Answers, Looks,
}

/// <summary>What the portal holds of a person.</summary>
/// <param name="Counts">How many rows of each kind; a kind of which there is nothing is not in it.</param>
public sealed record PersonRecord(Person Person, DateTimeOffset? ErasedAt, IReadOnlyDictionary<Holding, long> Counts, Guid? OpenRequest);

/// <summary>Who the portal knows, and what it holds of each.</summary>
public sealed class PersonRecords(IDbContextFactory<GovernanceDb> databases)
{
    /// <param name="search">In names, addresses and ids; empty for everybody.</param>
    /// <param name="reader">Who asks.</param>
    /// <param name="page">From 1.</param>
    /// <param name="size">At most 200.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Page<Person>> SearchAsync(string? search, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadErasures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var people = db.People.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(search))
        {
            var pattern = Search.Pattern(search);
            people = people.Where(p => EF.Functions.ILike(p.Name, pattern, Search.Escape) || EF.Functions.ILike(p.Id, pattern, Search.Escape)
                || p.Email != null && EF.Functions.ILike(p.Email, pattern, Search.Escape));
        }

        return await people.OrderBy(p => p.Name).ThenBy(p => p.Id).ToPageAsync(page, size, cancellation);
    }

    public async Task<PersonRecord> OfAsync(PersonId id, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadErasures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (who, person) = (id.Value, await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id.Value, cancellation) ?? throw new NotFoundException("person", id.Value));
        var requests = await db.Erasures.AsNoTracking().Where(e => e.PersonId == who && e.State != ErasureState.TakenBack).ToListAsync(cancellation);
        // Where somebody stands by name the database knows itself; the rest is theirs alone, or names them in a list.
        var counts = await db.Database.SqlQuery<Counted>(
            $"""
            select table_name as "Table", places as "Rows" from places_of({who})
            union all select 'public.person', 1
            union all select 'comment mentions', count(*) from comment where {who} = any (mentions) and author_id <> {who}
            union all select 'public.notification', count(*) from notification where person_id = {who}
            union all select 'public.idempotent_request', count(*) from idempotent_request where actor_id = {who}
            union all select 'public.review_look', count(*) from review_look where person_id = {who}
            union all select 'public.failure_encounter', count(*) from failure_encounter where person_id = {who}
            """).ToListAsync(cancellation);
        return new(
            person, requests.SingleOrDefault(r => r.State is ErasureState.Erased)?.ClosedAt,
            counts.Where(c => c.Rows > 0).GroupBy(c => KindOf(c.Table)).ToDictionary(g => g.Key, g => g.Sum(c => c.Rows)),
            requests.SingleOrDefault(r => r.State is ErasureState.Asked)?.Id);
    }

    /// <summary>What a table that names people holds of them.</summary>
    /// <param name="table">With its schema.</param>
    /// <exception cref="ArgumentOutOfRangeException">Nobody said what it is.</exception>
    public static Holding KindOf(string table) => table[(table.IndexOf('.', StringComparison.Ordinal) + 1)..] switch
    {
        "person" => Holding.Account,
        "use_case" or "use_case_revision" or "import_run" or "import_mapping" or "stopped_use_case" or "kpi_reading" or "kpi_worth" or "share_link" or "stage_gate_answer" or "stage_gate_text" or "judgement_override" => Holding.Proposals,
        "use_case_document" => Holding.Documents,
        "candidate" => Holding.Candidates,
        "review_task" or "lane_incident" => Holding.Reviews,
        "decision" or "promotion_decision" => Holding.Decisions,
        "condition_follow_up" => Holding.Conditions,
        "comment" or "comment mentions" or "question_thread" => Holding.Comments,
        "delegation" => Holding.Delegations,
        "kill_switch" or "drill" or "criterion_tightening" or "credential_binding" or "approved_version" or "price_run" => Holding.Switches,
        "incident" or "incident_role" or "incident_entry" or "incident_clock" or "incident_action" or "incident_message" or "evidence_lock" or "runbook_step" or "operations_review" => Holding.Incidents,
        "exercise" or "exercise_seat" or "exercise_step" or "exercise_note" or "exercise_finding" => Holding.Exercises,
        "user_feedback" or "shared_failure" or "failure_encounter" => Holding.Feedback,
        "gate_metric" or "promotion" or "red_team_finding" or "pipeline_key" or "card" or "card_version" or "dpia" or "dpia_version" => Holding.Assurance,
        "pattern" or "pattern_version" or "clearance" or "policy_version" or "acknowledgement" or "data_source" => Holding.Register,
        "champion" or "rollout_decision" or "rollout_agreement" => Holding.Adoption,
        "training_completion" => Holding.Training,
        "campaign" or "campaign_signature" or "tool_finding" or "person_reveal" or "usage_import" => Holding.Campaigns,
        "audit_pack_job" => Holding.Reports,
        "erasure" or "legal_hold" => Holding.Privacy,
        "notification" => Holding.Notifications,
        "idempotent_request" => Holding.Answers,
        "review_look" => Holding.Looks,
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "Nobody said what this table holds of people."),
    };

    private sealed record Counted(string Table, long Rows);
}
