using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Training;

/// <param name="Refusal">Why it was not taken; null when it was, or is known already.</param>
public sealed record CompletionOutcome(int Line, string Course, string? Refusal);

/// <param name="Recorded">New in the register, or would be.</param>
/// <param name="Known">Said before.</param>
public sealed record TrainingOutcome(bool IsDryRun, int Rows, int Recorded, int Known, IReadOnlyList<CompletionOutcome> Refused);

/// <param name="Course">Its key.</param>
/// <param name="Person">The id of a person of the portal; empty for an end user whom only the gateway knows.</param>
/// <param name="Learner">The id that the gateway sends for them; empty when nobody asks at a gateway.</param>
/// <param name="Evidence">The number of the certificate; may be empty where the certificate itself is given.</param>
public sealed record CompletionDraft(string Course, string Person, string Learner, DateOnly CompletedOn, string Evidence);

/// <summary>
/// Takes completions from a file, an LMS, or one by hand with its certificate: each row is recorded, known already, or refused with its reason; the same file again
/// changes nothing. The id of an end user is hashed here and kept nowhere.
/// </summary>
public sealed class RecordTraining(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    public const int MostRowsOfARequest = 1000;

    private static readonly DateOnly Earliest = new(2000, 1, 1);
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public async Task<TrainingOutcome> FromFileAsync(byte[] content, bool isDryRun, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTraining);
        return await RunAsync(TrainingFile.Read(content), TrainingSource.Csv, ContentHash.OfBytes(content).ToString(), isDryRun, by, cancellation);
    }

    /// <param name="rows">At most <see cref="MostRowsOfARequest"/>.</param>
    /// <param name="isDryRun">Only says what would become of them.</param>
    /// <param name="token">The name of the LMS's token, which was let in by its scope.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<TrainingOutcome> FromLmsAsync(IReadOnlyList<ToldCompletion> rows, bool isDryRun, string token, CancellationToken cancellation = default)
    {
        Refuse.If(rows.Count is 0 or > MostRowsOfARequest, "rows-out-of-range", $"Send 1 to {MostRowsOfARequest:N0} completions at once.");
        return await RunAsync(rows, TrainingSource.Lms, ContentHash.OfBytes(JsonSerializer.SerializeToUtf8Bytes(rows)).ToString(), isDryRun, Actor.Rule(token), cancellation);
    }

    /// <param name="certificate">Kept under its hash, as it is, until the person is erased.</param>
    /// <exception cref="RuleViolationException"><c>completion-refused</c> or <c>completion-known</c>: nothing is kept, and the message says why.</exception>
    public async Task OneAsync(CompletionDraft draft, UploadedFile? certificate, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTraining);
        var evidence = draft.Evidence.Trim() is { Length: > 0 } said ? said : certificate?.Name ?? "";
        var told = new ToldCompletion(
            1, draft.Course, draft.Learner.Trim(), draft.Person, draft.CompletedOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "", evidence, certificate?.Hash ?? "");
        var hash = certificate?.Hash ?? ContentHash.OfBytes(JsonSerializer.SerializeToUtf8Bytes(told)).ToString();
        await RunAsync([told], TrainingSource.Form, hash, isDryRun: false, by, cancellation, certificate);
    }

    /// <summary>What was recorded by mistake counts no more; it stays in the register as withdrawn.</summary>
    public async Task WithdrawAsync(Guid id, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTraining);
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why this completion does not count.");
        Refuse.If(reason.Length > 500, "reason-too-long", "Write at most 500 characters.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var completion = await db.Completions.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation) ?? throw new NotFoundException("completion", id.ToString());
        var now = clock.GetUtcNow();
        Refuse.If(
            await db.Completions.Where(c => c.Id == id && c.WithdrawnAt == null).ExecuteUpdateAsync(set => set.SetProperty(c => c.WithdrawnAt, now), cancellation) == 0,
            "already-withdrawn", "This completion was withdrawn before.");
        Keep(db, new TrainingWithdrawn(completion.CourseKey, completion.PersonId ?? "", completion.CompletedOn, reason.Trim(), by, now), id);
        await SaveAsync(db, await db.Courses.AnyAsync(c => c.Key == completion.CourseKey && c.RequiredBy.Count > 0, cancellation), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private async Task<TrainingOutcome> RunAsync(IReadOnlyList<ToldCompletion> told, TrainingSource source, string hash, bool isDryRun, Actor by, CancellationToken cancellation, UploadedFile? certificate = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var courses = await db.Courses.AsNoTracking().ToDictionaryAsync(c => c.Key, cancellation);
        var named = told.Select(t => t.Person).Where(p => p.Length is > 0 and <= 300).Distinct().ToList();
        var people = (await db.People.Where(p => named.Contains(p.Id)).Select(p => p.Id).ToListAsync(cancellation)).ToHashSet();
        var salt = (await db.Database.SqlQuery<byte[]>($"select salt \"Value\" from training_state").ToListAsync(cancellation))[0];
        var now = clock.GetUtcNow();
        var today = organisation.DayOf(now);

        var (rows, refused) = (new List<Row>(), new List<CompletionOutcome>());
        foreach (var row in told)
        {
            var course = courses.GetValueOrDefault(row.Course);
            if (RefusalOf(row, course, people, today) is { } why)
            {
                refused.Add(new(row.Line, row.Course.Length > 60 ? row.Course[..60] : row.Course, why));
                continue;
            }

            rows.Add(new(
                EventIds.Next(now), course!.Key, row.Edition.Length > 0 ? int.Parse(row.Edition, CultureInfo.InvariantCulture) : course.Edition,
                LearnerHash.Of(salt, row.Learner) is { } learner ? LearnerHash.ToBytes(learner) : null, row.Person.Length > 0 ? row.Person : null,
                TrainingFile.DayOf(row.CompletedOn)!.Value, row.Evidence, row.Sha256.Length > 0 ? row.Sha256 : null,
                certificate?.MediaType, certificate?.Content.Length));
        }

        Refuse.If(source is TrainingSource.Form && refused.Count > 0, "completion-refused", refused.Select(r => r.Refusal).FirstOrDefault() ?? "");
        var recorded = await StoreAsync((NpgsqlConnection)db.Database.GetDbConnection(), rows, source, by, now, cancellation);
        Refuse.If(source is TrainingSource.Form && recorded == 0, "completion-known", "The register has this already: the same course, person and day.");
        if (!isDryRun)
        {
            if (certificate is not null)
            {
                db.Certificates.Add(new Certificate { CompletionId = rows[0].Id, Content = certificate.Content });
            }

            Keep(db, new TrainingRecorded(source, hash, recorded, rows.Count - recorded, refused.Count, by, now), EventIds.Next(now));
            await SaveAsync(db, recorded > 0 && rows.Any(r => courses[r.Course].RequiredBy.Count > 0), cancellation);
            await transaction.CommitAsync(cancellation);
        }

        // A dry run is the same, rolled back.
        return new(isDryRun, told.Count, recorded, rows.Count - recorded, refused);
    }

    private static string? RefusalOf(ToldCompletion row, Course? course, HashSet<string> people, DateOnly today) => row switch
    {
        { Fault: { } fault } => fault,
        _ when course is null => $"There is no course “{(row.Course.Length > 60 ? row.Course[..60] + "…" : row.Course)}”.",
        _ when course.RetiredAt is not null => "The course is retired.",
        { Learner: "", Person: "" } => "Neither learner nor person is named.",
        { Learner.Length: > LearnerHash.LongestId } => $"The learner’s id has more than {LearnerHash.LongestId} characters.",
        { Person.Length: > 0 } when !people.Contains(row.Person) => "The portal knows no person of this id.",
        _ when TrainingFile.DayOf(row.CompletedOn) is not { } day => "completed_on is no day such as 2026-11-23.",
        _ when TrainingFile.DayOf(row.CompletedOn) > today => "It would be completed in the future.",
        _ when TrainingFile.DayOf(row.CompletedOn) < Earliest => "It was completed before 2000.",
        { Edition.Length: > 0 } when !int.TryParse(row.Edition, NumberStyles.None, CultureInfo.InvariantCulture, out var edition) || edition < 1 || edition > course.Edition => $"There is no such edition; the present one is {course.Edition}.",
        { Evidence: "" } => "The evidence is missing: a link, or the number of the certificate.",
        { Evidence.Length: > 500 } => "The evidence has more than 500 characters.",
        _ when row.Evidence.Any(char.IsControl) || row.Learner.Any(c => char.IsControl(c) || char.IsSurrogate(c)) => "It holds characters that cannot be stored.",
        { Sha256.Length: > 0 } when !IsHash(row.Sha256) => "sha256 is no hash such as sha256: and 64 letters and digits.",
        { Sha256: "" } when row.Evidence.Contains("://", StringComparison.Ordinal) => "What a link leads to can change: give its sha256, or the number of a certificate instead.",
        _ => null,
    };

    private static bool IsHash(string text) => text.Length == 71 && text.StartsWith("sha256:", StringComparison.Ordinal) && text.AsSpan(7).IndexOfAnyExcept(HexDigits) < 0;

    private static async Task<int> StoreAsync(NpgsqlConnection connection, List<Row> rows, TrainingSource source, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        await using var command = new NpgsqlCommand(
            """
            insert into training_completion (id, course_key, edition, learner, person_id, completed_on, evidence, evidence_hash, file_type, file_length, source, recorded_by, recorded_at)
            select *, $11, $12, $13 from unnest($1::uuid[], $2::text[], $3::int[], $4::bytea[], $5::text[], $6::date[], $7::text[], $8::text[], $9::text[], $10::int[])
            on conflict (course_key, edition, learner, person_id, completed_on) where withdrawn_at is null do nothing
            """, connection);
        Column(r => r.Id);
        Column(r => r.Course);
        Column(r => r.Edition);
        Column(r => r.Learner);
        Column(r => r.Person);
        Column(r => r.CompletedOn);
        Column(r => r.Evidence);
        Column(r => r.EvidenceHash);
        Column(r => r.FileType);
        Column(r => r.FileLength);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = by.Id.Value });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now.ToUniversalTime() });
        return await command.ExecuteNonQueryAsync(cancellation);

        void Column<T>(Func<Row, T> value) => command.Parameters.Add(new NpgsqlParameter { Value = rows.ConvertAll(r => value(r)).ToArray() });
    }

    private static void Keep(GovernanceDb db, GovernanceEvent happened, Guid subject) =>
        db.AuditEvents.Add(AuditEvent.Of(new RecordedEvent(EventIds.Next(happened.At), 1, happened), ("training", subject.ToString())));

    private static async Task SaveAsync(GovernanceDb db, bool isEnforced, CancellationToken cancellation)
    {
        if (isEnforced)
        {
            await EnforcementGeneration.SaveAsync(db, cancellation);
        }
        else
        {
            await db.SaveChangesAsync(cancellation);
        }
    }

    private sealed record Row(Guid Id, string Course, int Edition, byte[]? Learner, string? Person, DateOnly CompletedOn, string Evidence, string? EvidenceHash, string? FileType, int? FileLength);
}
