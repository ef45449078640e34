-- The tables of a world, and the accounts that are apart from worlds.
--
-- Ids are below 2^63. Numbers that use all 64 bits (seeds, journal ids, characters.done) are stored
-- as the bigint of the same bits. A hash is 16 bytes, high half first, as the console prints it.
-- Hot tables (chunks, cell_changes, cell_entities, characters) carry no foreign keys: each would
-- cost half the rate of writing; the console's `check` looks for orphans.

CREATE TABLE worlds (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name                 text NOT NULL UNIQUE CHECK (name <> ''),
    terrain_seed         bigint NOT NULL,
    rule_seed            bigint NOT NULL,
    generator_version    integer NOT NULL CHECK (generator_version > 0),
    generator_parameters jsonb NOT NULL DEFAULT '{}',
    timeline             integer NOT NULL DEFAULT 1 CHECK (timeline > 0),
    created_at           timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE worlds IS 'One row a world; what the generator needs is frozen when it is made.';
COMMENT ON COLUMN worlds.timeline IS 'Rises when the world is restored from a backup.';

CREATE TABLE world_stream (
    world_id     bigint NOT NULL REFERENCES worlds (id),
    stream       smallint NOT NULL UNIQUE CHECK (stream BETWEEN 1 AND 127),
    journal_id   bigint NOT NULL,
    is_clean     boolean NOT NULL,
    epoch        bigint NOT NULL CHECK (epoch >= 0),
    applied_seq  bigint NOT NULL CHECK (applied_seq >= 0),
    tick         bigint NOT NULL CHECK (tick >= 0),
    world_hash   bytea NOT NULL CHECK (octet_length(world_hash) = 16),
    owner_host   text NOT NULL,
    owner_folder text NOT NULL,
    owner_pid    integer NOT NULL,
    opened_at    timestamptz NOT NULL,
    applied_at   timestamptz,
    PRIMARY KEY (world_id, stream)
) WITH (fillfactor = 50);
COMMENT ON TABLE world_stream IS 'How far a journal is applied, and which server owns it.';
COMMENT ON COLUMN world_stream.stream IS 'First part of every id made by this stream.';
COMMENT ON COLUMN world_stream.epoch IS 'Rises with every owner; a former owner can write no more.';

CREATE TABLE entity_types (
    id   smallint PRIMARY KEY CHECK (id BETWEEN 1 AND 1023),
    name text NOT NULL UNIQUE CHECK (name <> '')
);
COMMENT ON TABLE entity_types IS 'Numbers of types, given once by name and kept for ever.';

CREATE TABLE chunks (
    world_id     bigint NOT NULL,
    chunk_x      integer NOT NULL CHECK (chunk_x BETWEEN -65536 AND 65535),
    chunk_y      integer NOT NULL CHECK (chunk_y BETWEEN -65536 AND 65535),
    version      bigint NOT NULL CHECK (version > 0),
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 16),
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (world_id, chunk_x, chunk_y)
);
COMMENT ON TABLE chunks IS 'Chunks that players have changed: version and hash of their content.';

CREATE TABLE cell_changes (
    world_id   bigint NOT NULL,
    chunk_x    integer NOT NULL CHECK (chunk_x BETWEEN -65536 AND 65535),
    chunk_y    integer NOT NULL CHECK (chunk_y BETWEEN -65536 AND 65535),
    cell       smallint NOT NULL CHECK (cell BETWEEN 0 AND 4095),
    cell_x     integer GENERATED ALWAYS AS (chunk_x * 64 + (cell & 63)) STORED,
    cell_y     integer GENERATED ALWAYS AS (chunk_y * 64 + (cell >> 6)) STORED,
    replaced   smallint NOT NULL CHECK (replaced BETWEEN 0 AND 1023),
    tick       bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (world_id, chunk_x, chunk_y, cell)
);
COMMENT ON TABLE cell_changes IS 'Cells whose generated content no longer shows.';
COMMENT ON COLUMN cell_changes.cell IS 'Number in the chunk, row by row, 64 a row.';
COMMENT ON COLUMN cell_changes.cell_x IS 'Cells from the world''s middle to the east.';
COMMENT ON COLUMN cell_changes.cell_y IS 'Cells from the world''s middle to the south.';
COMMENT ON COLUMN cell_changes.replaced IS 'Type of the generated entity it had, 0 for none.';

CREATE TABLE cell_entities (
    world_id        bigint NOT NULL,
    chunk_x         integer NOT NULL CHECK (chunk_x BETWEEN -65536 AND 65535),
    chunk_y         integer NOT NULL CHECK (chunk_y BETWEEN -65536 AND 65535),
    cell            smallint NOT NULL CHECK (cell BETWEEN 0 AND 4095),
    id              bigint NOT NULL CHECK (id > 0),
    cell_x          integer GENERATED ALWAYS AS (chunk_x * 64 + (cell & 63)) STORED,
    cell_y          integer GENERATED ALWAYS AS (chunk_y * 64 + (cell >> 6)) STORED,
    type            smallint NOT NULL CHECK (type BETWEEN 1 AND 1023),
    image_config_id bigint NOT NULL CHECK (image_config_id BETWEEN 0 AND 4294967295),
    placer_id       bigint NOT NULL CHECK (placer_id >= 0),
    tick            bigint NOT NULL,
    changed_at      timestamptz NOT NULL,
    metadata        jsonb,
    PRIMARY KEY (world_id, chunk_x, chunk_y, cell, id)
);
COMMENT ON TABLE cell_entities IS 'What stands in changed cells.';
COMMENT ON COLUMN cell_entities.image_config_id IS '0 for the look of the type.';
COMMENT ON COLUMN cell_entities.placer_id IS 'The character that placed it, 0 when it grew.';

CREATE TABLE accounts (
    id         bigint PRIMARY KEY CHECK (id > 0),
    name       text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 24),
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX accounts_name ON accounts (lower(name COLLATE "C"));
COMMENT ON TABLE accounts IS 'Names and their device keys; restoring a world never touches them.';

CREATE TABLE characters (
    world_id    bigint NOT NULL,
    id          bigint NOT NULL CHECK (id > 0),
    account_id  bigint NOT NULL CHECK (account_id > 0),
    pos_x       integer NOT NULL,
    pos_y       integer NOT NULL,
    last_intent bigint NOT NULL CHECK (last_intent BETWEEN 0 AND 4294967295),
    done        bigint NOT NULL,
    tick        bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (world_id, id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX characters_account ON characters (world_id, account_id);
COMMENT ON TABLE characters IS 'What lasts of a player''s character in a world.';
COMMENT ON COLUMN characters.pos_x IS 'In 1/16 pixel; 512 are one cell.';
COMMENT ON COLUMN characters.done IS 'Bit n: intent number last_intent - n ended in a change.';

-- For people: names instead of numbers; world_x, world_y are pixels (a cell's upper left corner).

CREATE VIEW characters_view AS
SELECT w.name AS world, c.id, a.name, c.account_id,
       c.pos_x / 16.0 AS world_x, c.pos_y / 16.0 AS world_y,
       floor(c.pos_x / 512.0)::integer AS cell_x, floor(c.pos_y / 512.0)::integer AS cell_y,
       c.last_intent, c.tick, c.changed_at
FROM characters c
JOIN worlds w ON w.id = c.world_id
LEFT JOIN accounts a ON a.id = c.account_id;

CREATE VIEW cell_changes_view AS
SELECT w.name AS world, c.chunk_x, c.chunk_y, c.cell_x, c.cell_y,
       c.cell_x * 32 AS world_x, c.cell_y * 32 AS world_y,
       t.name AS replaced, c.tick, c.changed_at
FROM cell_changes c
JOIN worlds w ON w.id = c.world_id
LEFT JOIN entity_types t ON t.id = c.replaced;

CREATE VIEW cell_entities_view AS
SELECT w.name AS world, e.id, e.chunk_x, e.chunk_y, e.cell_x, e.cell_y,
       e.cell_x * 32 AS world_x, e.cell_y * 32 AS world_y,
       t.name AS type, e.image_config_id, e.placer_id, a.name AS placer, e.tick, e.changed_at,
       e.metadata
FROM cell_entities e
JOIN worlds w ON w.id = e.world_id
LEFT JOIN entity_types t ON t.id = e.type
LEFT JOIN characters c ON c.world_id = e.world_id AND c.id = e.placer_id
LEFT JOIN accounts a ON a.id = c.account_id;
