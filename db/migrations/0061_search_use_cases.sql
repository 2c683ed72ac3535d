-- Search over the portfolio: trigrams find what is spelled otherwise, words what is said otherwise.
-- pg_trgm comes with PostgreSQL and is trusted: the owner of the database may add it.

create extension if not exists pg_trgm;

alter table use_case add words tsvector generated always as (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', left(draft ->> 'problem', 4000)), 'B')) stored;

-- likely duplicates, by words; and by the title
create index use_case_by_words on use_case using gin (words);
create index use_case_by_title_trigram on use_case using gin (title gin_trgm_ops);
-- the search box of the list: name, key or unit
create index use_case_by_key_trigram on use_case using gin (key gin_trgm_ops);
create index use_case_by_unit_trigram on use_case using gin (business_unit gin_trgm_ops);
