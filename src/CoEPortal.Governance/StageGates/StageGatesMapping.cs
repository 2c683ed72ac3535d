using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.StageGates;

internal sealed class StageGateAnswerMapping : IEntityTypeConfiguration<StageGateAnswer>
{
    public void Configure(EntityTypeBuilder<StageGateAnswer> builder)
    {
        builder.Ignore(a => a.AuditSubject);
        builder.HasMany(a => a.Texts).WithOne().HasForeignKey(t => t.AnswerId);
    }
}

internal sealed class StageGateTextMapping : IEntityTypeConfiguration<StageGateText>
{
    public void Configure(EntityTypeBuilder<StageGateText> builder) => builder.HasKey(t => new { t.AnswerId, t.Question });
}
