using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>The rows of <c>telemetry.call</c> and the names under which they are known. The order of columns stands here once.</summary>
internal static class CallTable
{
    private const string Columns =
        """
        id, source, source_event_id, account, reported_by, use_case_key, attribution, claimed_use_case, service, credential,
        started_at, duration_us, first_token_us, provider, operation, model, request_model, response_model,
        input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, is_batch, cost, cost_origin,
        failed, error_type, guardrail, response_id, trace_id, span_id, topic
        """;

    private const string Rows =
        """
        unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
          $11::timestamptz[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
          $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::boolean[], $25::numeric[], $26::text[],
          $27::boolean[], $28::text[], $29::text[], $30::text[], $31::text[], $32::text[], $33::text[])
        """;

    /// <summary>Takes names for calls; a name that is already taken stays with whom it names.</summary>
    /// <returns>How many were free.</returns>
    public static async Task<int> TakeNamesAsync(NpgsqlConnection connection, List<(CallName Name, Guid Call)> names, CancellationToken cancellation)
    {
        // Ordered, so that two batches with the same calls wait for each other instead of dead-locking.
        names.Sort((a, b) => a.Name.Alias.CompareTo(b.Name.Alias));
        await using var take = new NpgsqlCommand(
            "insert into telemetry.call_alias (alias, call_id, is_parent) select * from unnest($1::uuid[], $2::uuid[], $3::boolean[]) on conflict (alias) do nothing",
            connection);
        Add(take, names.ConvertAll(n => n.Name.Alias).ToArray());
        Add(take, names.ConvertAll(n => n.Call).ToArray());
        Add(take, names.ConvertAll(n => n.Name.Kind is NameKind.Parent).ToArray());
        return await take.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Whom names name, and whether only as a parent. Merged calls are followed to the one that counts.</summary>
    public static async Task<Dictionary<Guid, (Guid Call, bool AsParent)>> CallsOfNamesAsync(NpgsqlConnection connection, List<Guid> names, CancellationToken cancellation)
    {
        await using var find = new NpgsqlCommand(
            """
            with recursive named as (
                select alias, call_id, is_parent, 0 as steps from telemetry.call_alias where alias = any($1)
                union all
                select n.alias, c.merged_into, n.is_parent, n.steps + 1 from named n join telemetry.call c on c.id = n.call_id
                where c.merged_into is not null and n.steps < 20)
            select distinct on (alias) alias, call_id, is_parent from named order by alias, steps desc
            """, connection);
        Add(find, names.ToArray());
        await using var reader = await find.ExecuteReaderAsync(cancellation);
        var calls = new Dictionary<Guid, (Guid, bool)>();
        while (await reader.ReadAsync(cancellation))
        {
            calls[reader.GetGuid(0)] = (reader.GetGuid(1), reader.GetBoolean(2));
        }

        return calls;
    }

    public static async Task RenameAsync(NpgsqlConnection connection, List<(Guid Alias, Guid Call)> names, CancellationToken cancellation)
    {
        await using var rename = new NpgsqlCommand(
            "update telemetry.call_alias a set call_id = n.c from unnest($1::uuid[], $2::uuid[]) as n (a, c) where a.alias = n.a", connection);
        Add(rename, names.ConvertAll(n => n.Alias).ToArray());
        Add(rename, names.ConvertAll(n => n.Call).ToArray());
        await rename.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task GiveNamesBackAsync(NpgsqlConnection connection, List<Guid> names, CancellationToken cancellation)
    {
        if (names.Count > 0)
        {
            await using var give = new NpgsqlCommand("delete from telemetry.call_alias where alias = any($1)", connection);
            Add(give, names.ToArray());
            await give.ExecuteNonQueryAsync(cancellation);
        }
    }

    public static async Task InsertAsync(NpgsqlConnection connection, List<StoredCall> calls, CancellationToken cancellation)
    {
        if (calls.Count > 0)
        {
            await using var insert = new NpgsqlCommand($"insert into telemetry.call ({Columns}) select * from {Rows}", connection);
            AddColumns(insert, calls);
            await insert.ExecuteNonQueryAsync(cancellation);
        }
    }

    public static async Task UpdateAsync(NpgsqlConnection connection, List<StoredCall> calls, CancellationToken cancellation)
    {
        if (calls.Count > 0)
        {
            await using var update = new NpgsqlCommand($"update telemetry.call t set ({Columns}) = (select n.*) from (select * from {Rows} as r ({Columns})) n where t.id = n.id", connection);
            AddColumns(update, calls);
            await update.ExecuteNonQueryAsync(cancellation);
        }
    }

    public static async Task MergeAsync(NpgsqlConnection connection, Guid call, Guid into, CancellationToken cancellation)
    {
        await using var merge = new NpgsqlCommand("update telemetry.call set merged_into = $2 where id = $1", connection);
        Add(merge, call);
        Add(merge, into);
        await merge.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The calls of these ids that count, locked until the transaction ends.</summary>
    public static Task<List<StoredCall>> LockAsync(NpgsqlConnection connection, List<Guid> ids, CancellationToken cancellation) =>
        ReadAsync(connection, $"select {Columns} from telemetry.call where id = any($1) and merged_into is null order by id for update", [ids.ToArray()], cancellation);

    /// <summary>Up to <paramref name="limit"/> calls of a time that the price book priced or could not price, after one of them; locked.</summary>
    public static Task<List<StoredCall>> LockPricedAsync(
        NpgsqlConnection connection, DateTimeOffset from, DateTimeOffset to, DateTimeOffset afterTime, Guid afterId, int limit, CancellationToken cancellation) =>
        ReadAsync(
            connection,
            $"""
             select {Columns} from telemetry.call
             where started_at >= $1 and started_at < $2 and (started_at, id) > ($3, $4) and cost_origin <> 'reported' and merged_into is null
             order by started_at, id limit {limit} for update
             """, [from.UtcDateTime, to.UtcDateTime, afterTime.UtcDateTime, afterId], cancellation);

    private static async Task<List<StoredCall>> ReadAsync(NpgsqlConnection connection, string sql, object[] values, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            select.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await select.ExecuteReaderAsync(cancellation);
        var calls = new List<StoredCall>();
        while (await reader.ReadAsync(cancellation))
        {
            calls.Add(Read(reader));
        }

        return calls;
    }

    private static void AddColumns(NpgsqlCommand command, List<StoredCall> calls)
    {
        Column(c => c.Id);
        Column(c => c.Call.Source);
        Column(c => c.Call.SourceEventId);
        Column(c => NameOf(c.Call.Account));
        Column(c => c.ReportedBy);
        Column(c => c.UseCase);
        Column(c => c.Attribution);
        Column(c => c.Call.ClaimedUseCase ?? c.Call.SpanUseCase ?? c.Call.TaggedUseCase);
        Column(c => c.Call.Service);
        Column(c => c.Call.Credential);
        Column(c => c.Call.StartedAt.UtcDateTime);
        Column(c => Microseconds(c.Call.Duration));
        Column(c => Microseconds(c.Call.TimeToFirstToken));
        Column(c => c.Call.Provider);
        Column(c => c.Call.Operation);
        Column(c => c.Call.Model);
        Column(c => c.Call.RequestModel);
        Column(c => c.Call.ResponseModel);
        Column(c => c.Call.InputTokens);
        Column(c => c.Call.OutputTokens);
        Column(c => c.Call.CachedInputTokens);
        Column(c => c.Call.CacheWriteTokens);
        Column(c => c.Call.ReasoningTokens);
        Column(c => c.Call.IsBatch);
        Column(c => c.Cost.Dollars);
        Column(c => c.Cost.Origin);
        Column(c => c.Call.Failed);
        Column(c => c.Call.ErrorType);
        Column(c => c.Call.Guardrail?.ToString());
        Column(c => c.Call.ResponseId);
        Column(c => c.Call.TraceId);
        Column(c => c.Call.SpanId);
        Column(c => c.Call.Topic);

        void Column<T>(Func<StoredCall, T> value)
        {
            var column = new T[calls.Count];
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = value(calls[i]);
            }

            Add(command, column);
        }
    }

    private static StoredCall Read(NpgsqlDataReader row)
    {
        var cost = Value<decimal>(24);
        var origin = row.GetString(25);
        var call = new ReportedCall
        {
            Source = row.GetString(1),
            SourceEventId = row.GetString(2),
            Account = Enum.Parse<Account>(row.GetString(3)),
            ClaimedUseCase = Text(7),
            Service = row.GetString(8),
            StartedAt = new DateTimeOffset(row.GetDateTime(10)),
            Duration = Span(11),
            TimeToFirstToken = Span(12),
            Provider = row.GetString(13),
            Operation = row.GetString(14),
            RequestModel = Text(16),
            ResponseModel = Text(17),
            InputTokens = Value<long>(18),
            OutputTokens = Value<long>(19),
            CachedInputTokens = Value<long>(20),
            CacheWriteTokens = Value<long>(21),
            ReasoningTokens = Value<long>(22),
            IsBatch = row.GetBoolean(23),
            ReportedCost = origin == CallCost.Reported ? cost : null,
            Failed = row.GetBoolean(26),
            ErrorType = Text(27),
            Guardrail = Text(28) is { } guardrail ? Enum.Parse<GuardrailOutcome>(guardrail) : null,
            ResponseId = Text(29),
            TraceId = Text(30),
            SpanId = Text(31),
            Topic = Text(32),
        };
        return new StoredCall(row.GetGuid(0), call with { Credential = row.GetString(9) }, Text(5), row.GetString(6), new CallCost(cost, origin), row.GetString(4));

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        T? Value<T>(int column)
            where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);
        TimeSpan? Span(int column) => Value<long>(column) is { } microseconds ? TimeSpan.FromMicroseconds(microseconds) : null;
    }

    private static long? Microseconds(TimeSpan? span) => span?.Ticks / TimeSpan.TicksPerMicrosecond;

    // ToString of an enum looks its name up each time, a thousand times a batch.
    private static string NameOf(Account account) => account switch
    {
        Account.ClientEvent => nameof(Account.ClientEvent),
        Account.ClientSpan => nameof(Account.ClientSpan),
        Account.GatewayLog => nameof(Account.GatewayLog),
        Account.GatewaySpan => nameof(Account.GatewaySpan),
        _ => nameof(Account.GatewayPayload),
    };

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
