using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <summary>Kinds of things the portal holds of a person.</summary>
public enum Holding { Account, Proposals, Reviews, Decisions, Conditions, Comments, Delegations, Switches, Feedback, Assurance, Training, Campaigns, Reports, Notifications, Answers, Looks }

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
        var counts = await db.Database.SqlQuery<Counted>(
            $"""
            select kind as "Kind", rows as "Rows" from (
              select 'Account' as kind, 1::bigint as rows
              union all select 'Proposals', (select count(*) from use_case where created_by = {who}) + (select count(*) from use_case_revision where submitted_by = {who})
                + (select count(*) from import_run where run_by = {who}) + (select count(*) from import_mapping where saved_by = {who})
                + (select count(*) from stopped_use_case where stopped_by = {who})
                + (select count(*) from kpi_reading where entered_by = {who})
              union all select 'Reviews', count(*) from review_task where assignee_id = {who}
              union all select 'Decisions', count(*) from decision where person_id = {who} or on_behalf_of_id = {who}
              union all select 'Conditions', count(*) from condition_follow_up where {who} in (owner_id, reported_by, accepted_by)
              union all select 'Comments', count(*) from comment where author_id = {who} or {who} = any (mentions)
              union all select 'Delegations', count(*) from delegation where {who} in (from_id, to_id)
              union all select 'Switches', (select count(*) from kill_switch where {who} in (engaged_by, first_released_by, second_released_by))
                + (select count(*) from drill where started_by = {who}) + (select count(*) from criterion_tightening where changed_by = {who})
                + (select count(*) from credential_binding where bound_by = {who}) + (select count(*) from approved_version where approved_by = {who})
                + (select count(*) from telemetry.price_run where run_by = {who}) + (select count(*) from wf.lane_incident where resolved_by = {who})
              union all select 'Feedback', count(*) from user_feedback where {who} in (given_by, assignee_id, triaged_by, note_by)
              union all select 'Assurance', (select count(*) from promotion where requested_by = {who}) + (select count(*) from promotion_decision where person_id = {who})
                + (select count(*) from gate_metric where set_by = {who}) + (select count(*) from red_team_finding where {who} in (owner_id, reported_by, note_by, fixed_by))
                + (select count(*) from card where owner_id = {who}) + (select count(*) from card_version where published_by = {who})
                + (select count(*) from dpia where {who} in (advised_by, answered_by)) + (select count(*) from dpia_version where signed_by = {who})
              union all select 'Training', count(*) from training_completion where person_id = {who}
              union all select 'Adoption', (select count(*) from champion where {who} in (person_id, named_by)) + (select count(*) from rollout_decision where decided_by = {who})
                + (select count(*) from rollout_agreement where person_id = {who})
              union all select 'Shared failures', (select count(*) from shared_failure where {who} in (written_by, published_by, withdrawn_by)) + (select count(*) from failure_encounter where person_id = {who})
              union all select 'Campaigns', (select count(*) from campaign where {who} in (owner_id, unseen_by)) + (select count(*) from campaign_signature where person_id = {who})
                + (select count(*) from tool_finding where {who} in (owner_id, decided_by, done_by)) + (select count(*) from usage_import where imported_by = {who}) + (select count(*) from person_reveal where revealed_by = {who})
              union all select 'Reports', count(*) from audit_pack_job where requested_by = {who}
              union all select 'Notifications', count(*) from notification where person_id = {who}
              union all select 'Answers', count(*) from idempotent_request where actor_id = {who}
              union all select 'Looks', count(*) from review_look where person_id = {who}
            ) held where rows > 0
            """).ToListAsync(cancellation);
        return new(
            person, requests.SingleOrDefault(r => r.State is ErasureState.Erased)?.ClosedAt, counts.ToDictionary(c => Enum.Parse<Holding>(c.Kind), c => c.Rows),
            requests.SingleOrDefault(r => r.State is ErasureState.Asked)?.Id);
    }

    private sealed record Counted(string Kind, long Rows);
}
