using CoEPortal.Governance.KillSwitches;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Incidents;

internal sealed class IncidentMapping : IEntityTypeConfiguration<Incident>
{
    public void Configure(EntityTypeBuilder<Incident> builder)
    {
        builder.Ignore(i => i.AuditSubject);
        builder.Ignore(i => i.WhatIsLeft);
        builder.PrimitiveCollection(i => i.Harms).ElementType().HasConversion<string>();
        builder.HasMany(i => i.Roles).WithOne().HasForeignKey(r => r.IncidentId);
        builder.HasMany<IncidentEntry>("_entries").WithOne().HasForeignKey(e => e.IncidentId);
        builder.HasMany(i => i.Switches).WithOne().HasForeignKey(s => s.IncidentId);
        builder.HasMany(i => i.Clocks).WithOne().HasForeignKey(c => c.IncidentId);
        builder.HasMany(i => i.Actions).WithOne().HasForeignKey(a => a.IncidentId);
        builder.HasMany(i => i.Messages).WithOne().HasForeignKey(m => m.IncidentId);
        builder.HasMany(i => i.Locks).WithOne().HasForeignKey(l => l.IncidentId);
        builder.HasMany(i => i.Steps).WithOne().HasForeignKey(s => s.IncidentId);
    }
}

internal sealed class IncidentRoleMapping : IEntityTypeConfiguration<IncidentRole>
{
    public void Configure(EntityTypeBuilder<IncidentRole> builder) => builder.HasKey(r => new { r.IncidentId, r.Role });
}

internal sealed class IncidentSwitchMapping : IEntityTypeConfiguration<IncidentSwitch>
{
    public void Configure(EntityTypeBuilder<IncidentSwitch> builder)
    {
        builder.HasKey(s => new { s.SwitchId, s.EngagedAt });
        // Named without navigation: EF needs it only to insert in the right order.
        builder.HasOne<KillSwitch>().WithMany().HasForeignKey(s => s.SwitchId);
    }
}

// Ids come with the things: a new child of a tracked incident is inserted, not looked for.
internal sealed class IncidentEntryMapping : IEntityTypeConfiguration<IncidentEntry>
{
    public void Configure(EntityTypeBuilder<IncidentEntry> builder) => builder.Property(e => e.Id).ValueGeneratedNever();
}

internal sealed class IncidentFileMapping : IEntityTypeConfiguration<IncidentFile>
{
    public void Configure(EntityTypeBuilder<IncidentFile> builder)
    {
        builder.HasKey(f => f.EntryId);
        // Named without navigation: EF needs it only to insert in the right order.
        builder.HasOne<IncidentEntry>().WithOne().HasForeignKey<IncidentFile>(f => f.EntryId);
    }
}

internal sealed class IncidentClockMapping : IEntityTypeConfiguration<IncidentClock>
{
    public void Configure(EntityTypeBuilder<IncidentClock> builder) => builder.Property(c => c.Id).ValueGeneratedNever();
}

internal sealed class IncidentActionMapping : IEntityTypeConfiguration<IncidentAction>
{
    public void Configure(EntityTypeBuilder<IncidentAction> builder)
    {
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Ignore(a => a.IsClosed);
    }
}

internal sealed class IncidentMessageMapping : IEntityTypeConfiguration<IncidentMessage>
{
    public void Configure(EntityTypeBuilder<IncidentMessage> builder) => builder.Property(m => m.Id).ValueGeneratedNever();
}

internal sealed class EvidenceLockMapping : IEntityTypeConfiguration<EvidenceLock>
{
    public void Configure(EntityTypeBuilder<EvidenceLock> builder) => builder.Property(l => l.Id).ValueGeneratedNever();
}

internal sealed class RunbookStepMapping : IEntityTypeConfiguration<RunbookStep>
{
    public void Configure(EntityTypeBuilder<RunbookStep> builder) => builder.Property(s => s.Id).ValueGeneratedNever();
}

internal sealed class OperationsReviewMapping : IEntityTypeConfiguration<OperationsReview>
{
    public void Configure(EntityTypeBuilder<OperationsReview> builder) => builder.Ignore(r => r.AuditSubject);
}

internal sealed class PublishedClockRulesMapping : IEntityTypeConfiguration<PublishedClockRules>
{
    public void Configure(EntityTypeBuilder<PublishedClockRules> builder)
    {
        builder.ToTable("clock_rules");
        builder.HasKey(r => r.Version);
    }
}
