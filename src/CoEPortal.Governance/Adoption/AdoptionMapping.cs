using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Adoption;

internal sealed class RolloutMapping : IEntityTypeConfiguration<Rollout>
{
    public void Configure(EntityTypeBuilder<Rollout> builder)
    {
        builder.HasKey(r => r.UseCaseKey);
        builder.Ignore(r => r.AuditSubject);
        builder.Ignore(r => r.Current);
        builder.Ignore(r => r.EnteredBy);
        builder.Property(r => r.Cohorts).IsJson(ProposalJson.Options);
        builder.Property(r => r.Phases).IsJson(ProposalJson.Options);
        builder.HasMany(r => r.Decisions).WithOne().HasForeignKey(d => d.UseCaseKey);
        builder.HasMany(r => r.Agreements).WithOne().HasForeignKey(a => a.UseCaseKey);
    }
}

internal sealed class RolloutDecisionMapping : IEntityTypeConfiguration<RolloutDecision>
{
    // Given by the program: a key that the database could give would be taken for a row that is there.
    public void Configure(EntityTypeBuilder<RolloutDecision> builder) => builder.Property(d => d.Id).ValueGeneratedNever();
}

internal sealed class RolloutAgreementMapping : IEntityTypeConfiguration<RolloutAgreement>
{
    public void Configure(EntityTypeBuilder<RolloutAgreement> builder) => builder.HasKey(a => new { a.UseCaseKey, a.AfterDecision, a.Cohort });
}

internal sealed class ChampionMapping : IEntityTypeConfiguration<Champion>
{
    public void Configure(EntityTypeBuilder<Champion> builder) => builder.Ignore(c => c.AuditSubject);
}
