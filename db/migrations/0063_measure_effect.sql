-- Measured values of a KPI, with AI and without it: the lift is their difference, with what it rests on. A wrong one is followed by a better one.

create table kpi_reading (
    id               uuid         primary key,
    use_case_key     text         not null references use_case (key),
    measured_on      date         not null,
    arm              text         not null check (arm in ('WithoutAi', 'WithAi')),
    mean             numeric      not null check (abs(mean) <= 1000000000),
    deviation        numeric      check (deviation between 0 and 1000000000),
    sample           int          not null check (sample between 1 and 1000000000),
    entered_by       text         not null,
    entered_by_name  text         not null,
    entered_at       timestamptz  not null,
    withdrawn_at     timestamptz,
    version          int          not null,
    event_count      int          not null
);

create index reading_of_use_case on kpi_reading (use_case_key, measured_on desc);

insert into personal_column (table_name, person, name, texts) values
    ('public.kpi_reading', 'entered_by', 'entered_by_name', '{}');

grant select, insert on kpi_reading to portal_runtime;
grant update (withdrawn_at, version, event_count) on kpi_reading to portal_runtime;
