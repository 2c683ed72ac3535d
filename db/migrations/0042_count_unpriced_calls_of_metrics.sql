-- A service that only sends metrics, with a model of unknown price, cost $0 and its calls counted as priced: the totals
-- have a column for calls of unknown cost, what was kept of metrics had none. What is taken back is what was counted.

alter table telemetry.metric_usage add column unpriced_calls bigint not null default 0;
