-- The triage rules that were ever in force, word for word: a file that is edited or breaks later does not change how people are judged,
-- and every old score can be checked by the rules that made it. And why use cases were stopped, and what that taught.

create table triage_rules (
    version        text         primary key check (length(version) between 1 and 40),
    effective_on   date         not null,
    content_hash   text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    yaml           text         not null,
    first_read_at  timestamptz  not null,

    constraint hash_is_of_the_rules check (content_hash = 'sha256:' || encode(sha256(convert_to(yaml, 'UTF8')), 'hex'))
);

create function refuse_changed_rules() returns trigger language plpgsql as $$
begin
    if old.effective_on <= current_date then
        raise exception 'Rules that have taken effect do not change.' using constraint = 'rules_in_force_do_not_change';
    end if;
    return new;
end
$$;

create trigger rules_in_force_do_not_change before update or delete on triage_rules for each row execute function refuse_changed_rules();

create table stopped_use_case (
    use_case_key     text         primary key references use_case (key),
    stage_before     text         not null,
    reason           text         not null check (length(trim(reason)) between 1 and 1000),
    lesson           text         not null check (length(trim(lesson)) between 1 and 1000),
    stopped_by       text         not null,
    stopped_by_name  text         not null,
    stopped_at       timestamptz  not null
);

-- what stopped ones taught, newest first
create index stopped_by_time on stopped_use_case (stopped_at desc);

insert into personal_column (table_name, person, name, texts) values
    ('public.stopped_use_case', 'stopped_by', 'stopped_by_name', '{reason,lesson}');

create trigger stopped_use_case_is_frozen before update or delete on stopped_use_case for each row execute function refuse_frozen_change();

grant select, insert on stopped_use_case to portal_runtime;
grant select, insert, update on triage_rules to portal_runtime;
