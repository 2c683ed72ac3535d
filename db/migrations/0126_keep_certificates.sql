-- What somebody completed can be recorded by hand, with the certificate itself. It is kept as it was given, until the person
-- whose certificate it is is erased: then it goes with the words about it.

alter table training_completion
    drop constraint training_completion_source_check,
    add constraint training_completion_source_check check (source in ('Csv', 'Lms', 'Form')),
    add file_type    text  check (file_type in ('application/pdf', 'image/png', 'image/jpeg', 'application/json', 'text/plain')),
    add file_length  int   check (file_length between 1 and 10485760),
    add constraint a_certificate_has_type_length_and_hash check ((file_type is null) = (file_length is null) and (file_type is null or evidence_hash is not null));

create table training_certificate (
    completion_id  uuid   primary key references training_completion (id),
    content        bytea  not null check (length(content) between 1 and 10485760)
);

create function refuse_other_certificate() returns trigger language plpgsql as $$
begin
    if not exists (select from training_completion c where c.id = new.completion_id and c.file_length = length(new.content) and c.evidence_hash = 'sha256:' || encode(sha256(new.content), 'hex')) then
        raise exception 'The file is not the certificate that its completion tells of.' using constraint = 'a_certificate_is_what_its_completion_says';
    end if;
    return new;
end
$$;

create function refuse_loss_of_certificate() returns trigger language plpgsql as $$
begin
    if not is_erasing() then
        raise exception 'A certificate stays until its person is erased.' using constraint = 'a_certificate_stays';
    end if;
    return old;
end
$$;

create function drop_certificate_with_its_words() returns trigger language plpgsql as $$
begin
    if is_erasing() and new.file_type is not null then
        delete from training_certificate where completion_id = new.id;
        new.file_type := null;
        new.file_length := null;
    end if;
    return new;
end
$$;

create trigger a_certificate_is_what_its_completion_says before insert on training_certificate for each row execute function refuse_other_certificate();
alter table training_certificate enable always trigger a_certificate_is_what_its_completion_says;
create trigger only_added_to before update on training_certificate for each row execute function refuse_rewriting();
alter table training_certificate enable always trigger only_added_to;
create trigger a_certificate_stays before delete on training_certificate for each row execute function refuse_loss_of_certificate();
alter table training_certificate enable always trigger a_certificate_stays;
create trigger a_certificate_goes_with_its_words before update of evidence on training_completion for each row execute function drop_certificate_with_its_words();

grant select, insert on training_certificate to portal_runtime;
