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

internal sealed class LaneJournalEntryMapping : IEntityTypeConfiguration<LaneJournalEntry>
{
    public void Configure(EntityTypeBuilder<LaneJournalEntry> builder)
    {
        builder.ToTable("lane_journal_entry", "wf");
        builder.HasKey(e => new { e.InstanceId, e.Sequence });
        builder.HasOne<LaneInstance>().WithMany().HasForeignKey(e => e.InstanceId);
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
