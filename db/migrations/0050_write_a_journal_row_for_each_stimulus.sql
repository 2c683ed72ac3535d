-- What a lane did about one stimulus is one row, no longer one for each entry: entries were most of what a decision wrote.
-- Read entry by entry as before, now through a view.
create table wf.lane_journal (
    instance_id  uuid         not null references wf.lane_instance,
    first        int          not null check (first > 0),
    activities   text[]       not null,
    events       text[]       not null,
    at           timestamptz  not null,
    actor_id     text         not null,

    primary key (instance_id, first),
    constraint an_event_for_each_activity check (cardinality(activities) > 0 and cardinality(events) = cardinality(activities))
);

-- Entries of one moment and one person that stand side by side were written together.
insert into wf.lane_journal (instance_id, first, activities, events, at, actor_id)
    select instance_id, min(sequence), array_agg(activity order by sequence), array_agg(event order by sequence), at, actor_id
    from (
        select *, sequence - row_number() over (partition by instance_id, at, actor_id order by sequence) as run from wf.lane_journal_entry
    ) entry
    group by instance_id, at, actor_id, run;

drop table wf.lane_journal_entry;

create view wf.lane_journal_entry as
    select j.instance_id, (j.first + e.place - 1)::int as sequence, e.activity, e.event, j.at, j.actor_id
    from wf.lane_journal j cross join lateral unnest(j.activities, j.events) with ordinality as e (activity, event, place);

create trigger journal_is_frozen before update or delete on wf.lane_journal for each row execute function refuse_frozen_change();

grant select, insert on wf.lane_journal to portal_runtime;
grant select on wf.lane_journal_entry to portal_runtime;
