-- What calls are about, where the calling code says so: a short name, never a question. Counted by day, so that a change of
-- what people ask is seen.

alter table telemetry.call add column topic text check (length(topic) <= 40);

create table telemetry.topic_day (
    use_case_key  text         not null,
    day           timestamptz  not null,
    topic         text         not null check (length(topic) between 1 and 40),
    calls         bigint       not null,

    primary key (use_case_key, day, topic)
);

grant select, insert, update, delete on telemetry.topic_day to portal_runtime;
