using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Scoring;

internal sealed class JudgementOverrideMapping : IEntityTypeConfiguration<JudgementOverride>
{
    public void Configure(EntityTypeBuilder<JudgementOverride> builder)
    {
        builder.Ignore(o => o.AuditSubject);
        builder.Ignore(o => o.Confirms);
        builder.Ignore(o => o.IsStanding);
    }
}
