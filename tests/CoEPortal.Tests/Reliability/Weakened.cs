using System.Data.Common;
using System.Text.RegularExpressions;
using CoEPortal.Governance.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CoEPortal.Tests.Reliability;

/// <summary>What keeps two people at once apart. Taken out one by one to see that each race test would notice.</summary>
[Flags]
public enum Guard
{
    /// <summary><c>for update</c> on the lane instance, taken by every command on a review, or on the use case where none runs yet.</summary>
    Lock = 1,

    /// <summary>The concurrency token of every aggregate.</summary>
    Version = 2,

    /// <summary>The keys of what a lane was told and did, and of the audit events: one each for each number.</summary>
    Numbering = 4,

    /// <summary>The constraint <c>one_decision_for_each_function</c>.</summary>
    OneForEachFunction = 8,

    /// <summary>The constraints <c>one_decision_for_each_person</c> and <c>one_decision_stands_behind_a_person</c>.</summary>
    OneForEachPerson = 16,

    /// <summary>The trigger that looks, at the commit, for the approvals of a round that is approved.</summary>
    ApprovalIsSupported = 32,
}

/// <summary>The portal with guards taken out, and two transactions that go hand in hand, so that what may happen does.</summary>
internal static class Weakened
{
    public static void Change(DbContextOptionsBuilder options, Guard without, Pace.Side side)
    {
        if (without.HasFlag(Guard.Lock))
        {
            options.AddInterceptors(new WithoutLocks(side));
        }

        if (without.HasFlag(Guard.Version))
        {
            options.ReplaceService<IModelCustomizer, WithoutVersions>();
        }
    }

    /// <summary>What the owner of the database does to take the others out.</summary>
    public static string Sql(Guard without)
    {
        string When(Guard guard, string sql) => without.HasFlag(guard) ? sql : "";
        return When(Guard.Numbering, """
                alter table wf.lane_stimulus drop constraint lane_stimulus_pkey;
                alter table wf.lane_journal drop constraint lane_journal_pkey;
                alter table audit.event drop constraint one_event_for_each_version_of_a_subject;
                """)
            + When(Guard.OneForEachFunction, "alter table decision drop constraint one_decision_for_each_function;")
            + When(Guard.OneForEachPerson, """
                alter table decision drop constraint one_decision_for_each_person;
                alter table decision_signatory drop constraint one_decision_stands_behind_a_person;
                """)
            + When(Guard.ApprovalIsSupported, "drop trigger approval_is_supported on approval_round;");
    }

    private sealed class WithoutVersions(ModelCustomizerDependencies dependencies) : RelationalModelCustomizer(dependencies)
    {
        public override void Customize(ModelBuilder modelBuilder, DbContext context)
        {
            base.Customize(modelBuilder, context);
            foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(e => typeof(Aggregate).IsAssignableFrom(e.ClrType)))
            {
                entity.FindProperty(nameof(Aggregate.Version))!.IsConcurrencyToken = false;
            }
        }
    }
}

/// <summary>Keeps two transactions in step: neither commits before the other has read what it decides by.</summary>
internal sealed class Pace
{
    public Pace()
    {
        (One, Other) = (new Side(this), new Side(this));
    }

    public Side One { get; }

    public Side Other { get; }

    /// <summary>Whoever is refused before they write does not let the other one wait for ever.</summary>
    public Contest Lead(Contest contest) => contest with { First = n => One.LeadAsync(() => contest.First(n)), Second = n => Other.LeadAsync(() => contest.Second(n)) };

    internal sealed class Side(Pace pace)
    {
        private volatile bool _hasRead;

        /// <summary>It is about to write, or done.</summary>
        public void HasRead() => _hasRead = true;

        /// <summary>Whoever waits for a lock of this one has read all too: reading waits for nothing here.</summary>
        public async Task MayCommitAsync(DbTransaction transaction, CancellationToken cancellation)
        {
            var other = this == pace.One ? pace.Other : pace.One;
            while (!other._hasRead && !await IsAwaitedAsync(transaction, cancellation))
            {
                await Task.Delay(2, cancellation);
            }
        }

        public async Task LeadAsync(Func<Task> attempt)
        {
            try
            {
                await attempt();
            }
            finally
            {
                HasRead();
            }
        }

        private static async Task<bool> IsAwaitedAsync(DbTransaction transaction, CancellationToken cancellation)
        {
            await using var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "select exists (select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))";
            return (bool)(await command.ExecuteScalarAsync(cancellation))!;
        }
    }
}

/// <summary>Reads without the lock.</summary>
internal sealed partial class WithoutLocks(Pace.Side side) : DbCommandInterceptor, IDbTransactionInterceptor
{
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Pass(command);
        return new(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Pass(command);
        return new(result);
    }

    public async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        await side.MayCommitAsync(transaction, cancellationToken);
        return result;
    }

    private void Pass(DbCommand command)
    {
        command.CommandText = Lock().Replace(command.CommandText, "");
        if (Write().IsMatch(command.CommandText))
        {
            side.HasRead();
        }
    }

    [GeneratedRegex(@"\bfor update( of i)?")]
    private static partial Regex Lock();

    [GeneratedRegex(@"^\s*(insert into|update|delete from)\b", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Write();
}
