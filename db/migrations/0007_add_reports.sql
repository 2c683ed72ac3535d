-- Jobs that print audit PDFs. The finished file stays with its job, so that what was handed out can be handed out again.

create table audit_pack_job (
    id                 uuid         primary key,
    use_case_key       text         not null references use_case (key),
    state              text         not null check (state in ('Waiting', 'Running', 'Done', 'Failed')),
    progress           int          not null check (progress between 0 and 100),
    step               text         not null,
    requested_by       text         not null,
    requested_by_name  text         not null,
    requested_at       timestamptz  not null,
    started_at         timestamptz,
    finished_at        timestamptz,
    attempts           int          not null,
    failure            text,
    pdf                bytea,
    version            int          not null,
    event_count        int          not null,

    constraint done_exactly_with_a_file check ((state = 'Done') = (pdf is not null)),
    constraint failed_exactly_with_a_reason check ((state = 'Failed') = (failure is not null))
);

-- what a printer takes next
create index waiting_job on audit_pack_job (requested_at) where state in ('Waiting', 'Running');
create index job_of_use_case on audit_pack_job (use_case_key, requested_at desc);

grant select, insert, update on audit_pack_job to portal_runtime;
