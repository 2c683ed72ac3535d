using System.Text;
using System.Text.Json;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>One change of the snapshot, as a stream tells it.</summary>
/// <param name="Generation">The generation it led to.</param>
/// <param name="Data">JSON: <c>{"generation":7,"changed":[{"use_case":"UC-0001","state":"stop",…}]}</c>.</param>
public sealed record Change(long Generation, string Data);

/// <summary>
/// The last changes, kept once for all who listen: a slow listener costs no memory, it only finds later that it has to
/// fetch the snapshot.
/// </summary>
public sealed class ChangeLog
{
    public const int Kept = 256;
    public const int MostNamed = 100;

    private readonly Lock _writing = new();
    private volatile Change[] _changes = [];
    private volatile TaskCompletionSource _next = Signal();

    /// <summary>Completes with the next change.</summary>
    public Task Next => _next.Task;

    public void Add(EnforcementSnapshot before, EnforcementSnapshot after)
    {
        TaskCompletionSource told;
        lock (_writing)
        {
            _changes = [.. _changes.TakeLast(Kept - 1), new Change(after.Generation, DataOf(before, after))];
            (told, _next) = (_next, Signal());
        }

        told.SetResult();
    }

    /// <summary>Forgets: who listens has to fetch.</summary>
    internal void Clear()
    {
        lock (_writing)
        {
            _changes = [];
        }
    }

    /// <returns>What came after a generation, or null when that cannot be told any more.</returns>
    public IReadOnlyList<Change>? Since(long generation, long current)
    {
        var changes = _changes;
        return generation == current ? []
            : generation > current || changes.Length == 0 || changes[0].Generation > generation + 1 ? null
            : [.. changes.Where(c => c.Generation > generation)];
    }

    private static string DataOf(EnforcementSnapshot before, EnforcementSnapshot after)
    {
        var changed = after.UseCases.Values
            .Where(u => !before.UseCases.TryGetValue(u.Key, out var old) || old.Stopped != u.Stopped || old.Approved != u.Approved || old.Lacks != u.Lacks || !old.Courses.SequenceEqual(u.Courses))
            .OrderBy(u => u.Key, StringComparer.Ordinal).ToList();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("generation", after.Generation);
            json.WriteStartArray("changed");
            foreach (var useCase in changed.Take(MostNamed))
            {
                json.WriteStartObject();
                json.WriteString("use_case", useCase.Key);
                json.WriteString("state", useCase.Stopped is null && !useCase.Approved ? useCase.WhenNotApproved.Reason : SnapshotDocument.StateOf(useCase));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteBoolean("more", changed.Count > MostNamed);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
