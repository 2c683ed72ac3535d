using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.KillCriteria;

internal sealed class CriterionTighteningMapping : IEntityTypeConfiguration<CriterionTightening>
{
    public void Configure(EntityTypeBuilder<CriterionTightening> builder) => builder.Ignore(t => t.AuditSubject);
}
