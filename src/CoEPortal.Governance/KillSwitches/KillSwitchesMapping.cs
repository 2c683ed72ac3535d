using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.KillSwitches;

internal sealed class KillSwitchMapping : IEntityTypeConfiguration<KillSwitch>
{
    public void Configure(EntityTypeBuilder<KillSwitch> builder)
    {
        builder.Ignore(s => s.AuditSubject);
        builder.PrimitiveCollection(s => s.EngagingFunctions).ElementType().HasConversion<string>();
        builder.PrimitiveCollection(s => s.FirstReleasingFunctions).ElementType().HasConversion<string>();
    }
}

internal sealed class CredentialBindingMapping : IEntityTypeConfiguration<CredentialBinding>
{
    public void Configure(EntityTypeBuilder<CredentialBinding> builder) => builder.Ignore(b => b.AuditSubject);
}

internal sealed class ActuatorMapping : IEntityTypeConfiguration<Actuator>
{
    public void Configure(EntityTypeBuilder<Actuator> builder)
    {
        builder.HasKey(a => a.Name);
        builder.Ignore(a => a.AuditSubject);
        builder.Ignore(a => a.Carries);
        builder.Ignore(a => a.CarriesWhole);
        builder.Ignore(a => a.Ours);
        builder.Ignore(a => a.Confirmed);
    }
}

internal sealed class DrillMapping : IEntityTypeConfiguration<Drill>
{
    public void Configure(EntityTypeBuilder<Drill> builder)
    {
        builder.Ignore(d => d.AuditSubject);
        builder.Ignore(d => d.Times);
    }
}

internal sealed class MissedDutyMapping : IEntityTypeConfiguration<MissedDuty>
{
    public void Configure(EntityTypeBuilder<MissedDuty> builder)
    {
        builder.HasKey(d => new { d.UseCaseKey, d.Duty });
        builder.Ignore(d => d.AuditSubject);
    }
}
