using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.SharedFailures;

internal sealed class SharedFailureMapping : IEntityTypeConfiguration<SharedFailure>
{
    public void Configure(EntityTypeBuilder<SharedFailure> builder)
    {
        builder.HasKey(f => f.Key);
        builder.Ignore(f => f.AuditSubject);
        // Counted by the database, so that two people at once are two.
        builder.Property(f => f.Met).ValueGeneratedOnAddOrUpdate();
    }
}

internal sealed class FailureEncounterMapping : IEntityTypeConfiguration<FailureEncounter>
{
    public void Configure(EntityTypeBuilder<FailureEncounter> builder) => builder.Ignore(e => e.AuditSubject);
}
