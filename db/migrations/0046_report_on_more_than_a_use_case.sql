-- Audit PDFs of a period, of the portfolio and of a drill, beside those of a use case; on A4 or Letter; and cancelled ones.
-- A subject is a kind and a key that the portal can read again; what comes later (incident, campaign) is another kind.

alter table audit_pack_job alter column use_case_key drop not null;
alter table audit_pack_job add column subject_kind text not null default 'UseCase' check (subject_kind in ('UseCase', 'Period', 'Portfolio', 'Drill'));
alter table audit_pack_job add column subject_key text check (length(subject_key) between 1 and 400);
update audit_pack_job set subject_key = use_case_key;
alter table audit_pack_job alter column subject_key set not null;
alter table audit_pack_job alter column subject_kind drop default;
alter table audit_pack_job add column paper text not null default 'A4' check (paper in ('A4', 'Letter'));
alter table audit_pack_job alter column paper drop default;

alter table audit_pack_job drop constraint audit_pack_job_state_check;
alter table audit_pack_job add constraint audit_pack_job_state_check check (state in ('Waiting', 'Running', 'Done', 'Failed', 'Cancelled'));
alter table audit_pack_job add constraint of_a_use_case_exactly_with_its_key check ((subject_kind = 'UseCase') = (use_case_key is not null));

-- earlier reports of the same subject, which the next one proves to extend, and the history of all, newest first
create index job_of_subject on audit_pack_job (subject_kind, subject_key, requested_at desc);
create index job_by_time on audit_pack_job (requested_at desc);
