using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.People;

internal sealed class PersonMapping : IEntityTypeConfiguration<Person>
{
    public void Configure(EntityTypeBuilder<Person> builder)
    {
        builder.Ignore(p => p.AuditSubject);
        builder.Ignore(p => p.Actor);
        builder.PrimitiveCollection(p => p.Roles).ElementType().HasConversion<string>();
    }
}

internal sealed class MachineTokenMapping : IEntityTypeConfiguration<MachineToken>
{
    public void Configure(EntityTypeBuilder<MachineToken> builder) => builder.Ignore(t => t.AuditSubject);
}
