-- Some gateways can be told to refuse a model, whoever asks for it. LiteLLM always can; the worker says so at its next start.

alter table actuator add carries_models boolean not null default false;
alter table actuator alter carries_models drop default;
