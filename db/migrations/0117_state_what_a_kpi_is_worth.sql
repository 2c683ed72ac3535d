-- What one unit of a KPI is worth and what the use case costs beside its calls, as somebody of its business states it: with the measured lift
-- this gives a return as a range. A statement never changes; the newest counts.

create table kpi_worth (
    id                 uuid         primary key,
    use_case_key       text         not null references use_case (key),
    number             int          not null check (number between 1 and 1000),
    per_unit           numeric      not null check (per_unit > 0 and per_unit <= 1000000000),
    source             text         not null check (length(trim(source)) between 1 and 500),
    cases_per_month    int          not null check (cases_per_month between 1 and 1000000000),
    running_per_month  numeric      not null check (running_per_month between 0 and 1000000000),
    build_once         numeric      not null check (build_once between 0 and 1000000000),
    counted_from       date         not null,
    stated_by          text         not null,
    stated_by_name     text         not null,
    stated_at          timestamptz  not null,
    version            int          not null,
    event_count        int          not null,

    constraint statements_of_worth_are_numbered unique (use_case_key, number)
);

create trigger only_added_to before update or delete on kpi_worth for each row execute function refuse_rewriting();
alter table kpi_worth enable always trigger only_added_to;

-- All standing readings of an arm as one, as Portfolio/Lift.cs pools them; a test compares the two.
create view kpi_arm as
select use_case_key, arm, sum(sample)::bigint as sample, (sum(mean * sample) / sum(sample))::float8 as mean,
    case when sum(sample) > 1 and bool_and(deviation is not null or sample = 1)
        then sqrt(greatest(0, sum(coalesce(deviation, 0) ^ 2 * (sample - 1)) + sum(sample * mean ^ 2) - sum(mean * sample) ^ 2 / sum(sample)) / (sum(sample) - 1))::float8 end as deviation
from kpi_reading
where withdrawn_at is null
group by use_case_key, arm;

insert into personal_column (table_name, person, name, texts) values
    ('public.kpi_worth', 'stated_by', 'stated_by_name', '{source}');

grant select, insert on kpi_worth to portal_runtime;
grant select on kpi_arm to portal_runtime;
