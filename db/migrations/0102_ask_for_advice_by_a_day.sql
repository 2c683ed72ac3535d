-- Each step of an assessment has a day it is due; who is late is told, and nothing is decided by time.

alter table dpia
    add waits_for       text         check (waits_for in ('Advice', 'Answer', 'Signature')),
    add due_at          timestamptz,
    add tell_at         timestamptz,
    add overdue_level   int          not null default 0 check (overdue_level between 0 and 5),
    add is_review_told  boolean      not null default false,
    add constraint due_exactly_while_it_waits check ((waits_for is null) = (due_at is null)),
    add constraint told_only_while_it_waits check (tell_at is null or waits_for is not null);
alter table dpia alter overdue_level drop default, alter is_review_told drop default;

-- the sweep: what is overdue, and what is to be looked at again
create index late_dpia on dpia (tell_at) where tell_at is not null;
create index dpia_to_look_at_again on dpia (review_on) where is_signed_off and not is_review_told;

grant update (waits_for, due_at, tell_at, overdue_level, is_review_told) on dpia to portal_runtime;
