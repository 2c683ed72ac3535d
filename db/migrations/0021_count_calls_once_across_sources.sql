-- One call is reported by the client that made it and by the gateway it went through; it must count once, as the gateway
-- tells it. Calls are kept by month, so that old months can be dropped whole; totals are kept by minute, hour and day.

-- A name under which a call is known: its span, its LiteLLM id, its response id; only the hash. Not by month, because a
-- name must be unique whenever it comes again.
create table telemetry.call_alias (
    alias      uuid     primary key,
    call_id    uuid     not null,
    -- the span of the client below which a gateway was called, perhaps more than once
    is_parent  boolean  not null default false
);

create function telemetry.alias_of(name text) returns uuid language sql immutable parallel safe
    return encode(substring(sha256(convert_to(name, 'UTF8')) from 1 for 16), 'hex')::uuid;

alter table telemetry.call rename to call_before;
alter table telemetry.call_before rename constraint counted_once to counted_once_before;
alter index telemetry.call_of_use_case rename to call_before_of_use_case;

create table telemetry.call (
    id                  uuid            not null,
    source              text            not null check (length(source) between 1 and 60),
    source_event_id     text            not null check (length(source_event_id) between 1 and 200),
    account             text            not null check (account in ('ClientEvent', 'ClientSpan', 'GatewayLog', 'GatewaySpan', 'GatewayPayload')),
    reported_by         text            not null check (length(reported_by) <= 100),
    use_case_key        text,
    attribution         text            not null,
    claimed_use_case    text            check (length(claimed_use_case) <= 200),
    service             text            not null check (length(service) <= 200),
    credential          text            not null check (length(credential) <= 200),
    started_at          timestamptz     not null,
    recorded_at         timestamptz     not null default clock_timestamp(),
    duration_us         bigint          check (duration_us >= 0),
    first_token_us      bigint          check (first_token_us >= 0),
    provider            text            not null,
    operation           text            not null,
    model               text            not null,
    request_model       text,
    response_model      text,
    input_tokens        bigint          check (input_tokens >= 0),
    output_tokens       bigint          check (output_tokens >= 0),
    cached_input_tokens bigint          check (cached_input_tokens >= 0),
    cache_write_tokens  bigint          check (cache_write_tokens >= 0),
    reasoning_tokens    bigint          check (reasoning_tokens >= 0),
    is_batch            boolean         not null,
    cost                numeric(24, 12) check (cost >= 0),
    cost_origin         text            not null,
    failed              boolean         not null,
    error_type          text,
    guardrail           text,
    response_id         text,
    trace_id            text,
    span_id             text,
    merged_into         uuid,

    primary key (id, started_at),
    constraint unknown_cost_is_missing_never_zero check ((cost is null) = (cost_origin = 'unknown')),
    constraint attributed_exactly_when_something_says_so check ((use_case_key is null) = (attribution = 'none')),
    constraint a_key_is_only_ever_kept_as_the_beginning_of_its_hash check (not starts_with(credential, 'key:') or length(credential) = 16)
) partition by range (started_at);

-- the calls of a use case, by when they were made
create index call_of_use_case on telemetry.call (use_case_key, started_at);
-- traffic that belongs to nobody
create index call_of_nobody on telemetry.call (started_at) where use_case_key is null;

-- calls of months nobody made room for, such as a trace of years ago that is replayed
create table telemetry.call_other_months partition of telemetry.call default;

-- The runtime role may not create or drop tables; these two are all it can do to months.
create function telemetry.make_month(month date) returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
    first date := date_trunc('month', month)::date;
    name text := 'call_' || to_char(first, 'YYYY_MM');
    starts timestamptz := first::timestamp at time zone 'UTC';
    ends timestamptz := (first + interval '1 month') at time zone 'UTC';
begin
    perform pg_advisory_xact_lock(hashtext('telemetry.months'));
    if to_regclass('telemetry.' || name) is not null then
        return;
    end if;
    execute format('create table telemetry.%I (like telemetry.call including all)', name);
    execute format('with moved as (delete from telemetry.call_other_months where started_at >= %L and started_at < %L returning *) insert into telemetry.%I select * from moved', starts, ends, name);
    execute format('alter table telemetry.call attach partition telemetry.%I for values from (%L) to (%L)', name, starts, ends);
end
$$;

create function telemetry.drop_months_before(month date) returns int language plpgsql security definer set search_path = pg_catalog as $$
declare
    first date := date_trunc('month', month)::date;
    dropped int := 0;
    partition record;
begin
    if month > current_date - 27 then
        raise exception 'Calls of the last four weeks are never dropped.' using constraint = 'recent_calls_are_kept';
    end if;
    perform pg_advisory_xact_lock(hashtext('telemetry.months'));
    perform set_config('lock_timeout', '5s', true);
    for partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'telemetry.call'::regclass and c.relname ~ '^call_\d{4}_\d{2}$' and to_date(substring(c.relname from 6), 'YYYY_MM') < first
    loop
        execute format('drop table telemetry.%I', partition.relname);
        dropped := dropped + 1;
    end loop;
    delete from telemetry.call_other_months where started_at < first::timestamp at time zone 'UTC';
    return dropped;
end
$$;

revoke all on function telemetry.make_month(date), telemetry.drop_months_before(date) from public;

-- room for the calls there are, of the last 13 months, and for three months to come
select telemetry.make_month(m::date)
from generate_series(
    date_trunc('month', greatest(least((select min(started_at) from telemetry.call_before), now()), now() - interval '13 months')),
    date_trunc('month', now()) + interval '3 months', interval '1 month') m;

-- What was counted stays counted, also where client and gateway had both been counted: history is not rewritten here.
create temporary table numbered on commit drop as
select b.source, b.source_event_id,
    (lpad(to_hex((extract(epoch from b.recorded_at) * 1000)::bigint), 12, '0') || '7' || substring(md5(b.source || b.source_event_id) from 1 for 3)
        || '8' || substring(md5(b.source || b.source_event_id) from 4 for 15))::uuid as id
from telemetry.call_before b;

insert into telemetry.call (
    id, source, source_event_id, account, reported_by, use_case_key, attribution, claimed_use_case, service, credential, started_at, recorded_at,
    duration_us, provider, operation, model, request_model, response_model, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens,
    is_batch, cost, cost_origin, failed, error_type, response_id, trace_id, span_id)
select n.id, b.source, b.source_event_id, 'ClientSpan', '', b.use_case_key,
    case when b.use_case_key is null then 'none' when b.use_case_key = b.claimed_use_case then 'resource' else 'token' end,
    b.claimed_use_case, '', '', b.started_at, b.recorded_at,
    b.duration_us, b.provider, b.operation, b.model, b.request_model, nullif(b.model, b.request_model), b.input_tokens, b.output_tokens,
    b.cached_input_tokens, b.reasoning_tokens, false, b.cost, b.cost_origin, b.failed, b.error_type, b.response_id, b.trace_id, b.span_id
from telemetry.call_before b join numbered n using (source, source_event_id);

insert into telemetry.call_alias (alias, call_id)
select telemetry.alias_of(case when starts_with(b.source_event_id, b.source || ':') then b.source_event_id else b.source || ':' || b.source_event_id end), n.id
from telemetry.call_before b join numbered n using (source, source_event_id)
on conflict do nothing;

insert into telemetry.call_alias (alias, call_id)
select telemetry.alias_of('id:' || b.response_id), n.id
from telemetry.call_before b join numbered n using (source, source_event_id)
where b.response_id is not null
order by n.id
on conflict do nothing;

drop table telemetry.call_before;

-- Latencies are counted in buckets that can be added up: see LatencyHistogram.cs for their bounds.
create function telemetry.add_histograms(a bigint[], b bigint[]) returns bigint[] language sql immutable parallel safe as $$
    select case when cardinality(a) = 0 then b when cardinality(b) = 0 then a
        else (select array_agg(coalesce(x, 0) + coalesce(y, 0) order by i) from unnest(a, b) with ordinality as t (x, y, i)) end
$$;

create aggregate telemetry.merge_histograms(bigint[]) (sfunc = telemetry.add_histograms, stype = bigint[], initcond = '{}', parallel = safe, combinefunc = telemetry.add_histograms);

-- the bucket of a length of time in microseconds: what LatencyHistogram.BucketOf does, for what was stored before
create function telemetry.latency_bucket(us bigint) returns int language sql immutable parallel safe
    return case when us <= 1000 then 0 else least(ceil(ln(us / 1000.0::double precision) / ln(1.05::double precision / 0.95))::int, 151) end;

alter table telemetry.usage_minute
    drop constraint usage_minute_pkey,
    add column gateway text not null default '',
    add column guardrail_calls bigint not null default 0,
    add column cached_input_tokens bigint not null default 0,
    add column latency bigint[] not null default '{}';
alter table telemetry.usage_minute add primary key (use_case_key, minute, model, gateway);

update telemetry.usage_minute m set
    cached_input_tokens = c.cached,
    latency = (select array_agg(coalesce(h.n, 0) order by b) from generate_series(0, (select max(k) from unnest(c.buckets) k)) b
        left join (select k, count(*) n from unnest(c.buckets) k group by k) h on h.k = b)
from (
    select coalesce(use_case_key, '') as key, date_trunc('minute', started_at, 'UTC') as minute, model, coalesce(sum(cached_input_tokens), 0) as cached,
        array_agg(telemetry.latency_bucket(duration_us)) filter (where duration_us is not null) as buckets
    from telemetry.call group by 1, 2, 3
) c
where m.use_case_key = c.key and m.minute = c.minute and m.model = c.model and (c.cached > 0 or c.buckets is not null);
update telemetry.usage_minute set latency = '{}' where latency is null;

create table telemetry.usage_hour (like telemetry.usage_minute including all);
alter table telemetry.usage_hour rename column minute to hour;
insert into telemetry.usage_hour (
    use_case_key, hour, model, gateway, calls, unmetered_calls, unpriced_calls, failed_calls, guardrail_calls, input_tokens, output_tokens, cached_input_tokens, cost, latency)
select use_case_key, date_trunc('hour', minute, 'UTC'), model, gateway, sum(calls), sum(unmetered_calls), sum(unpriced_calls), sum(failed_calls), sum(guardrail_calls),
    sum(input_tokens), sum(output_tokens), sum(cached_input_tokens), sum(cost), telemetry.merge_histograms(latency)
from telemetry.usage_minute group by 1, 2, 3, 4;

-- days of Greenwich: the organisation's own are added up from hours, so that its zone can change
create table telemetry.usage_day (like telemetry.usage_hour including all);
alter table telemetry.usage_day rename column hour to day;
insert into telemetry.usage_day (
    use_case_key, day, model, gateway, calls, unmetered_calls, unpriced_calls, failed_calls, guardrail_calls, input_tokens, output_tokens, cached_input_tokens, cost, latency)
select use_case_key, date_trunc('day', hour, 'UTC'), model, gateway, sum(calls), sum(unmetered_calls), sum(unpriced_calls), sum(failed_calls), sum(guardrail_calls),
    sum(input_tokens), sum(output_tokens), sum(cached_input_tokens), sum(cost), telemetry.merge_histograms(latency)
from telemetry.usage_hour group by 1, 2, 3, 4;

-- all traffic of a while, whoever it belongs to
create index usage_hour_by_time on telemetry.usage_hour (hour);
create index usage_day_by_time on telemetry.usage_day (day);

grant select, insert, update on telemetry.call, telemetry.usage_hour, telemetry.usage_day to portal_runtime;
grant select, insert, update, delete on telemetry.call_alias to portal_runtime;
grant execute on function telemetry.make_month(date), telemetry.drop_months_before(date) to portal_runtime;
