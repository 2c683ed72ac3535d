-- Who set a condition stands in its decision.
alter table condition_follow_up drop column set_by;
