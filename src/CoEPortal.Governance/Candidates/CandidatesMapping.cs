using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Candidates;

internal sealed class CandidateMapping : IEntityTypeConfiguration<Candidate>
{
    public void Configure(EntityTypeBuilder<Candidate> builder)
    {
        builder.Ignore(c => c.AuditSubject);
        builder.Ignore(c => c.Subject);
        builder.Ignore(c => c.State);
        builder.Ignore(c => c.HoursPerMonth);
    }
}
