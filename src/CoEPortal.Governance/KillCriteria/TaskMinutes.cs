using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>How many tasks begin in each minute, and what the calls of tasks cost. A task is what one trace covers.</summary>
internal static class TaskMinutes
{
    /// <summary>Into minutes that are there already. The caller is alone with the use case, so no two count one task.</summary>
    public static async Task AddAsync(GovernanceDb db, string useCase, List<CountedUsage> usage, CancellationToken cancellation)
    {
        var traced = usage.Where(u => u.TraceId is not null).ToList();
        if (traced.Count == 0)
        {
            return;
        }

        // Known from its first call on, whatever becomes of that call: what is taken back takes back the cost, not the task.
        var first = traced.Where(u => u.Calls > 0).GroupBy(u => u.TraceId!).Select(g => (Trace: g.Key, At: g.Min(u => u.At))).OrderBy(t => t.Trace, StringComparer.Ordinal).ToList();
        var begun = await db.Database.SqlQuery<DateTimeOffset>(
            $"""
            insert into telemetry.task (use_case_key, trace_id, begun_at)
            select {useCase}, * from unnest({first.ConvertAll(t => t.Trace)}, {first.ConvertAll(t => t.At)})
            on conflict do nothing returning begun_at as "Value"
            """).ToListAsync(cancellation);
        var minutes = traced.Select(u => (u.Minute, Tasks: 0L, u.Cost)).Concat(begun.Select(b => (Minute: CountedUsage.MinuteOf(b), Tasks: 1L, Cost: 0m)))
            .GroupBy(m => m.Minute).OrderBy(g => g.Key).ToList();
        await db.Database.ExecuteSqlAsync(
            $"""
            update telemetry.criterion_minute m set tasks = m.tasks + added.tasks, task_cost = m.task_cost + added.cost
            from unnest({minutes.ConvertAll(m => m.Key)}, {minutes.ConvertAll(m => m.Sum(t => t.Tasks))}, {minutes.ConvertAll(m => m.Sum(t => t.Cost))}) added (minute, tasks, cost)
            where m.use_case_key = {useCase} and m.minute = added.minute
            """, cancellation);
    }

    /// <summary>The same from the calls themselves, also of a time in which nobody had promised a cost for a task.</summary>
    public static async Task<List<(DateTime Minute, WindowFigures Figures)>> OfCallsAsync(
        GovernanceDb db, string useCase, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var rows = await db.Database.SqlQuery<MinuteRow>(
            $"""
            select date_trunc('minute', started_at) "Minute", count(*) filter (where nth = 1) "Tasks", coalesce(sum(cost), 0) "TaskCost"
            from (select started_at, cost, row_number() over (partition by trace_id order by started_at) nth from telemetry.call
              where use_case_key = {useCase} and started_at >= {from} and started_at < {to} and trace_id is not null) traced
            group by 1 order by 1
            """).ToListAsync(cancellation);
        return rows.ConvertAll(r => (r.Minute, WindowFigures.None with { Tasks = r.Tasks, TaskCost = r.TaskCost }));
    }

    private sealed record MinuteRow(DateTime Minute, long Tasks, decimal TaskCost);
}
