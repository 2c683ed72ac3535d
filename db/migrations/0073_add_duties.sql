-- What the lane of an approved use case asks for and is not current, kept so that snapshots read it and no verdict has to look.

create table missed_duty (
    use_case_key  text         not null references use_case (key),
    duty          text         not null check (duty in ('Card', 'Dpia', 'Gate')),
    since         timestamptz,
    denies_from   timestamptz,
    denies        boolean      not null,
    version       int          not null,
    event_count   int          not null,

    primary key (use_case_key, duty),
    constraint missed_with_a_grace check ((since is null) = (denies_from is null)),
    constraint nothing_is_denied_without_warning check (not denies or since < denies_from)
);

grant select, insert on missed_duty to portal_runtime;
grant update (since, denies_from, denies, version, event_count) on missed_duty to portal_runtime;
