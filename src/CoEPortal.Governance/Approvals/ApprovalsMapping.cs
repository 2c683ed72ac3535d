using CoEPortal.Governance.Intake;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Approvals;

// Relations across tables are named without navigation: EF needs them only to insert in the right order.
internal sealed class ApprovalRoundMapping : IEntityTypeConfiguration<ApprovalRound>
{
    public void Configure(EntityTypeBuilder<ApprovalRound> builder)
    {
        builder.HasMany(r => r.Decisions).WithOne().HasForeignKey(d => d.RoundId);
        builder.HasOne<UseCaseRevision>().WithMany().HasForeignKey(r => new { r.UseCaseId, r.RevisionNumber });
        builder.Ignore(r => r.AuditSubject);
        builder.Ignore(r => r.Conditions);
        builder.PrimitiveCollection(r => r.RequiredFunctions).ElementType().HasConversion<string>();
    }
}

internal sealed class DecisionMapping : IEntityTypeConfiguration<Decision>
{
    public void Configure(EntityTypeBuilder<Decision> builder) => builder.Property(d => d.Id).ValueGeneratedNever();
}

internal sealed class PublishedWorkflowMapping : IEntityTypeConfiguration<PublishedWorkflow>
{
    public void Configure(EntityTypeBuilder<PublishedWorkflow> builder)
    {
        builder.ToTable("published_workflow", "wf");
        builder.HasKey(p => new { p.DefinitionId, p.DefinitionVersion });
    }
}

internal sealed class LaneInstanceMapping : IEntityTypeConfiguration<LaneInstance>
{
    public void Configure(EntityTypeBuilder<LaneInstance> builder)
    {
        builder.ToTable("lane_instance", "wf");
        builder.Property(i => i.State).HasColumnType("jsonb");
        builder.HasOne<ApprovalRound>().WithMany().HasForeignKey(i => i.RoundId);
        builder.HasOne<PublishedWorkflow>().WithMany().HasForeignKey(i => new { i.DefinitionId, i.DefinitionVersion });
    }
}

internal sealed class LaneJournalMapping : IEntityTypeConfiguration<LaneJournal>
{
    public void Configure(EntityTypeBuilder<LaneJournal> builder)
    {
        builder.ToTable("lane_journal", "wf");
        builder.HasKey(j => new { j.InstanceId, j.First });
        builder.HasOne<LaneInstance>().WithMany().HasForeignKey(j => j.InstanceId);
    }
}

internal sealed class LaneJournalEntryMapping : IEntityTypeConfiguration<LaneJournalEntry>
{
    public void Configure(EntityTypeBuilder<LaneJournalEntry> builder)
    {
        builder.ToView("lane_journal_entry", "wf");
        builder.HasNoKey();
    }
}

internal sealed class ReviewTaskMapping : IEntityTypeConfiguration<ReviewTask>
{
    public void Configure(EntityTypeBuilder<ReviewTask> builder)
    {
        builder.HasOne<ApprovalRound>().WithMany().HasForeignKey(t => t.RoundId);
        builder.HasOne<LaneInstance>().WithMany().HasForeignKey(t => t.InstanceId);
    }
}

internal sealed class LaneStimulusMapping : IEntityTypeConfiguration<LaneStimulus>
{
    public void Configure(EntityTypeBuilder<LaneStimulus> builder)
    {
        builder.ToTable("lane_stimulus", "wf");
        builder.HasKey(s => new { s.InstanceId, s.Number });
        builder.Property(s => s.Body).HasColumnType("jsonb");
        builder.HasOne<LaneInstance>().WithMany().HasForeignKey(s => s.InstanceId);
    }
}

internal sealed class LaneIncidentMapping : IEntityTypeConfiguration<LaneIncident>
{
    public void Configure(EntityTypeBuilder<LaneIncident> builder)
    {
        builder.ToTable("lane_incident", "wf");
        builder.HasOne<LaneInstance>().WithMany().HasForeignKey(i => i.InstanceId);
    }
}

internal sealed class ReviewTimerMapping : IEntityTypeConfiguration<ReviewTimer>
{
    public void Configure(EntityTypeBuilder<ReviewTimer> builder)
    {
        builder.HasOne<ReviewTask>().WithMany().HasForeignKey(t => t.TaskId);
        builder.HasOne<ConditionFollowUp>().WithMany().HasForeignKey(t => t.FollowUpId);
    }
}

internal sealed class ConditionFollowUpMapping : IEntityTypeConfiguration<ConditionFollowUp>
{
    public void Configure(EntityTypeBuilder<ConditionFollowUp> builder)
    {
        builder.Ignore(f => f.AuditSubject);
        builder.HasOne<Decision>().WithMany().HasForeignKey(f => f.DecisionId);
    }
}

internal sealed class DelegationMapping : IEntityTypeConfiguration<Delegation>
{
    public void Configure(EntityTypeBuilder<Delegation> builder)
    {
        builder.Ignore(d => d.AuditSubject);
        builder.HasOne<ReviewTask>().WithMany().HasForeignKey(d => d.TaskId);
    }
}

internal sealed class QuestionThreadMapping : IEntityTypeConfiguration<QuestionThread>
{
    public void Configure(EntityTypeBuilder<QuestionThread> builder) => builder.Ignore(t => t.AuditSubject);
}

internal sealed class CommentMapping : IEntityTypeConfiguration<Comment>
{
    public void Configure(EntityTypeBuilder<Comment> builder) => builder.Ignore(c => c.AuditSubject);
}

internal sealed class ReviewLookMapping : IEntityTypeConfiguration<ReviewLook>
{
    public void Configure(EntityTypeBuilder<ReviewLook> builder) => builder.HasKey(l => new { l.PersonId, l.UseCaseId, l.RevisionNumber });
}
