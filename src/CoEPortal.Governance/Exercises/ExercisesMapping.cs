using CoEPortal.Governance.KillSwitches;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Exercises;

internal sealed class ExerciseMapping : IEntityTypeConfiguration<Exercise>
{
    public void Configure(EntityTypeBuilder<Exercise> builder)
    {
        builder.Ignore(e => e.AuditSubject);
        builder.Ignore(e => e.Played);
        builder.HasMany(e => e.Seats).WithOne().HasForeignKey(s => s.ExerciseId);
        builder.HasMany(e => e.Steps).WithOne().HasForeignKey(s => s.ExerciseId);
        builder.HasMany(e => e.Notes).WithOne().HasForeignKey(n => n.ExerciseId);
        builder.HasMany(e => e.Findings).WithOne().HasForeignKey(f => f.ExerciseId);
        builder.HasOne<Drill>().WithMany().HasForeignKey(e => e.DrillId);
    }
}

internal sealed class ExerciseSeatMapping : IEntityTypeConfiguration<ExerciseSeat>
{
    public void Configure(EntityTypeBuilder<ExerciseSeat> builder) => builder.HasKey(s => new { s.ExerciseId, s.Role });
}

internal sealed class ExerciseStepMapping : IEntityTypeConfiguration<ExerciseStep>
{
    public void Configure(EntityTypeBuilder<ExerciseStep> builder) => builder.HasKey(s => new { s.ExerciseId, s.Number });
}

internal sealed class ExerciseNoteMapping : IEntityTypeConfiguration<ExerciseNote>
{
    public void Configure(EntityTypeBuilder<ExerciseNote> builder) => builder.Property(n => n.Id).ValueGeneratedNever();
}

internal sealed class ExerciseFindingMapping : IEntityTypeConfiguration<ExerciseFinding>
{
    public void Configure(EntityTypeBuilder<ExerciseFinding> builder) => builder.HasKey(f => new { f.ExerciseId, f.Number });
}
