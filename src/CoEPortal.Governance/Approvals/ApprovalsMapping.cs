using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Approvals;

internal sealed class ApprovalRoundMapping : IEntityTypeConfiguration<ApprovalRound>
{
    public void Configure(EntityTypeBuilder<ApprovalRound> builder)
    {
        builder.HasMany(r => r.Decisions).WithOne().HasForeignKey(d => d.RoundId);
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
    }
}

internal sealed class LaneJournalEntryMapping : IEntityTypeConfiguration<LaneJournalEntry>
{
    public void Configure(EntityTypeBuilder<LaneJournalEntry> builder)
    {
        builder.ToTable("lane_journal_entry", "wf");
        builder.HasKey(e => new { e.InstanceId, e.Sequence });
    }
}
