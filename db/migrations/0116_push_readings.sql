-- Readings of a KPI that a program pushes: known by the program's own id, so that the same is taken once, and shown with the token that
-- pushed them. A correction is another reading; the first value stays, taken back.

alter table kpi_reading
    add push_id    text  check (length(push_id) between 1 and 200),
    add pushed_by  text  check (length(pushed_by) between 1 and 100),
    add corrects   uuid  references kpi_reading (id),
    add constraint what_is_pushed_has_an_id_and_a_token check ((push_id is null) = (pushed_by is null)),
    add constraint a_reading_does_not_correct_itself check (corrects <> id);

create unique index a_push_is_taken_once on kpi_reading (use_case_key, push_id) where push_id is not null;
create unique index a_reading_is_corrected_once on kpi_reading (corrects) where corrects is not null;
