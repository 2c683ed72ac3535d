-- The register of data sources: what is in them, where they lie, where they flow to across a border and on which ground, and which
-- feeds which. Use cases name them in their one-pager.

create sequence data_source_number;

create table data_source (
    id             uuid         primary key,
    key            text         not null unique check (key ~ '^DS-[0-9]{4,}$'),
    name           text         not null check (length(name) between 1 and 200),
    description    text         not null check (length(description) <= 4000),
    system         text         not null check (length(system) <= 200),
    data_class     text         not null check (data_class in ('Public', 'Internal', 'Confidential', 'Restricted')),
    personal_data  text         not null check (personal_data in ('None', 'Ordinary', 'Special')),
    residency      text         not null check (residency in ('EuOnly', 'EuAndUk', 'Anywhere')),
    feeds_on       text[]       not null check (cardinality(feeds_on) <= 50),
    flows          jsonb        not null check (jsonb_typeof(flows) = 'array' and jsonb_array_length(flows) <= 50),
    owner_id       text         not null,
    owner_name     text         not null,
    changed_at     timestamptz  not null,
    retired_at     timestamptz,
    version        int          not null,
    event_count    int          not null,

    constraint a_source_does_not_feed_itself check (not key = any (feeds_on))
);

-- one-pagers name a source by its name, in any case
create unique index one_source_of_a_name on data_source (lower(name)) where retired_at is null;

insert into personal_column (table_name, person, name, texts) values
    ('public.data_source',  'owner_id',  'owner_name',  '{}');

grant usage on sequence data_source_number to portal_runtime;
grant select, insert on data_source to portal_runtime;
grant update (name, description, system, data_class, personal_data, residency, feeds_on, flows, owner_id, owner_name, changed_at, retired_at, version, event_count) on data_source to portal_runtime;
