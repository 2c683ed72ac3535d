using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>What a batch changed: calls that were not known, known ones that were completed, and the difference to the totals.</summary>
/// <param name="Told">All calls that the batch told of, as they count now: who used them may be news where nothing else is.</param>
internal sealed record Counted(List<StoredCall> New, List<StoredCall> Completed, List<UsageChange> Changes, List<StoredCall> Told);

/// <summary>
/// Finds out which of the reported calls are known already, by any of their names, and makes one of what is told of one
/// call. The names are taken first: of two senders that report the same call at once the second waits at the name and
/// then sees what the first has stored.
/// </summary>
internal static class CountOnce
{
    public static async Task<Counted> RunAsync(
        NpgsqlConnection connection, IEnumerable<StoredCall> reported, PriceBooks prices, CancellationToken cancellation)
    {
        var batch = new Batch(prices);
        foreach (var call in reported)
        {
            batch.Add(call);
        }

        var names = batch.Calls.SelectMany(c => c.Names.Select(n => (n, c.Call.Id))).ToList();
        if (await CallTable.TakeNamesAsync(connection, names, cancellation) == names.Count)
        {
            var all = batch.Calls.ConvertAll(c => c.Call);
            await CallTable.InsertAsync(connection, all, cancellation);
            return new Counted(all, [], all.ConvertAll(c => UsageChange.Of(c)), all);
        }

        return await JoinKnownAsync(connection, batch, prices, cancellation);
    }

    private static async Task<Counted> JoinKnownAsync(NpgsqlConnection connection, Batch batch, PriceBooks prices, CancellationToken cancellation)
    {
        var (owners, known) = await FindKnownAsync(connection, batch, cancellation);
        var added = new List<StoredCall>();
        var renamed = new List<(Guid, Guid)>();
        var given = new List<Guid>();
        foreach (var entry in batch.Calls)
        {
            var hits = entry.Names.Where(n => owners[n.Alias].Call != entry.Call.Id)
                .Select(n => (Id: owners[n.Alias].Call, Kind: owners[n.Alias].AsParent ? NameKind.Parent : n.Kind)).ToList();
            var same = hits.Where(h => known.TryGetValue(h.Id, out var call) && call.Now.IsSameAs(entry.Call, h.Kind))
                .GroupBy(h => h.Kind is NameKind.Parent).MinBy(g => g.Key)?.Select(h => known[h.Id].Root).Distinct().ToList() ?? [];
            if (same.Count == 0)
            {
                // The very event is known, of a month that was dropped or of another use case's token: it is not counted
                // again, and the names that it took would name nothing.
                if (hits.Exists(h => h.Kind is NameKind.Own))
                {
                    given.AddRange(entry.Names.Where(n => owners[n.Alias].Call == entry.Call.Id).Select(n => n.Alias));
                }
                else
                {
                    added.Add(entry.Call);
                }

                continue;
            }

            var kept = same[0];
            foreach (var other in same.Skip(1))
            {
                kept.Absorb(other, prices);
            }

            kept.Now = kept.Now.CompletedBy(entry.Call, prices);
            renamed.AddRange(entry.Names.Where(n => owners[n.Alias].Call == entry.Call.Id).Select(n => (n.Alias, kept.Now.Id)));
        }

        await CallTable.InsertAsync(connection, added, cancellation);
        await CallTable.GiveNamesBackAsync(connection, given, cancellation);
        if (renamed.Count > 0)
        {
            await CallTable.RenameAsync(connection, renamed, cancellation);
        }

        var changed = known.Values.Where(k => k.Into is null && k.Now.WithoutPerson != k.Before).ToList();
        await CallTable.UpdateAsync(connection, changed.ConvertAll(k => k.Now), cancellation);
        var absorbed = known.Values.Where(k => k.Into is not null).ToList();
        foreach (var call in absorbed)
        {
            await CallTable.MergeAsync(connection, call.Before.Id, call.Root.Before.Id, cancellation);
        }

        return new Counted(added, changed.ConvertAll(k => k.Now),
        [
            .. added.Select(c => UsageChange.Of(c)),
            .. changed.Concat(absorbed).Select(k => UsageChange.Of(k.Before, -1)),
            .. changed.Select(k => UsageChange.Of(k.Now)),
        ], [.. added, .. known.Values.Where(k => k.Into is null).Select(k => k.Now)]);
    }

    /// <summary>
    /// Whom the names of a batch name, and those calls, locked. Between the two another sender may have made one call of
    /// two, so whoever is missing is looked up again; what is missing still belongs to a month that was dropped.
    /// </summary>
    private static async Task<(Dictionary<Guid, (Guid Call, bool AsParent)> Owners, Dictionary<Guid, Known> Known)> FindKnownAsync(
        NpgsqlConnection connection, Batch batch, CancellationToken cancellation)
    {
        var ours = batch.Calls.Select(c => c.Call.Id).ToHashSet();
        for (var attempt = 1; ; attempt++)
        {
            var owners = await CallTable.CallsOfNamesAsync(connection, [.. batch.Names.Keys], cancellation);
            var wanted = owners.Values.Select(o => o.Call).Where(id => !ours.Contains(id)).Distinct().ToList();
            var found = await CallTable.LockAsync(connection, wanted, cancellation);
            if (found.Count == wanted.Count || attempt == 3)
            {
                return (owners, found.ToDictionary(c => c.Id, c => new Known(c)));
            }
        }
    }

    /// <summary>A call that was stored before, as it was and as it will be.</summary>
    private sealed class Known(StoredCall before)
    {
        public StoredCall Before { get; } = before;

        public StoredCall Now { get; set; } = before;

        public Known? Into { get; private set; }

        public Known Root => Into is null ? this : Into.Root;

        public void Absorb(Known other, PriceBooks prices)
        {
            other.Into = this;
            Now = Now.CompletedBy(other.Now, prices);
        }
    }

    /// <summary>The calls of a batch after what is told twice within it has become one.</summary>
    private sealed class Batch(PriceBooks prices)
    {
        public List<Entry> Calls { get; } = [];

        public Dictionary<Guid, Entry> Names { get; } = [];

        public void Add(StoredCall call)
        {
            var names = CallNames.Of(call.Call);
            var entry = names.Exists(n => Names.ContainsKey(n.Alias)) ? Find(call, names) : null;
            if (entry is null)
            {
                entry = new Entry(call);
                Calls.Add(entry);
            }
            else
            {
                entry.Call = entry.Call.CompletedBy(call, prices);
            }

            foreach (var name in names)
            {
                if (Names.TryAdd(name.Alias, entry))
                {
                    entry.Names.Add(name);
                }
            }
        }

        private Entry? Find(StoredCall call, List<CallName> names) => names.Where(n => Names.ContainsKey(n.Alias))
            .Select(n => (Entry: Names[n.Alias], Kind: Names[n.Alias].Names.Contains(n with { Kind = NameKind.Parent }) ? NameKind.Parent : n.Kind))
            .Where(h => h.Entry.Call.IsSameAs(call, h.Kind)).OrderBy(h => h.Kind).FirstOrDefault().Entry;
    }

    private sealed class Entry(StoredCall call)
    {
        public StoredCall Call { get; set; } = call;

        public List<CallName> Names { get; } = [];
    }
}
