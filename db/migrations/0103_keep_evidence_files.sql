-- Evidence that is a file is kept with the line of the timeline that it belongs to: as it was given, and never changed.

alter table incident_entry
    add file_type    text  check (file_type in ('application/pdf', 'image/png', 'image/jpeg', 'application/json', 'text/plain')),
    add file_length  int   check (file_length between 1 and 10485760),
    add constraint a_file_has_type_length_and_hash check ((file_type is null) = (file_length is null) and (file_type is null or evidence_hash is not null));

create table incident_file (
    entry_id  uuid   primary key references incident_entry (id),
    content   bytea  not null check (length(content) between 1 and 10485760)
);

create function refuse_other_file() returns trigger language plpgsql as $$
begin
    if not exists (select from incident_entry e where e.id = new.entry_id and e.file_length = length(new.content) and e.evidence_hash = 'sha256:' || encode(sha256(new.content), 'hex')) then
        raise exception 'The file is not the one that its line tells of.' using constraint = 'a_file_is_what_its_line_says';
    end if;
    return new;
end
$$;

create trigger a_file_is_what_its_line_says before insert on incident_file for each row execute function refuse_other_file();
create trigger only_added_to before update or delete on incident_file for each row execute function refuse_rewriting();
alter table incident_file enable always trigger only_added_to;

grant select, insert on incident_file to portal_runtime;
