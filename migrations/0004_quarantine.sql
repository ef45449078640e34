-- Writes that a table refused, because of what somebody did to its rows or constraints by hand.
-- They wait here, one a key, and count as if they were in their table.

CREATE TABLE quarantine (
    world_id        bigint NOT NULL REFERENCES worlds (id),
    stream          smallint NOT NULL,
    kind            text NOT NULL CHECK (kind <> ''),
    id              bigint NOT NULL,
    part            bigint NOT NULL,
    key             text NOT NULL,
    seq             bigint NOT NULL,
    tick            bigint NOT NULL,
    change          bytea NOT NULL,
    readable        jsonb NOT NULL,
    chunk_x         integer,
    chunk_y         integer,
    type            smallint NOT NULL,
    image_config_id bigint NOT NULL,
    reason          text NOT NULL,
    is_dropped      boolean NOT NULL DEFAULT false,
    settled_seq     bigint,
    since           timestamptz NOT NULL DEFAULT now(),
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (world_id, kind, id, part)
);
COMMENT ON TABLE quarantine IS 'The last write of each key whose table refuses it.';
COMMENT ON COLUMN quarantine.id IS 'First part of the key; a cell or chunk: x and y, 32 bits each.';
COMMENT ON COLUMN quarantine.part IS 'Second part: slot, skill, or the other half of a hash.';
COMMENT ON COLUMN quarantine.key IS 'Kind and key in words: what a list shows.';
COMMENT ON COLUMN quarantine.seq IS 'The tick record that the write is from.';
COMMENT ON COLUMN quarantine.change IS 'The write, as in the journal.';
COMMENT ON COLUMN quarantine.chunk_x IS 'The chunk of its cell; null: it is in none.';
COMMENT ON COLUMN quarantine.reason IS 'What PostgreSQL said when it refused last.';
COMMENT ON COLUMN quarantine.is_dropped IS 'Given up: from the next start on the row counts.';
COMMENT ON COLUMN quarantine.settled_seq IS 'The tick record that makes the world as the row is.';

ALTER TABLE world_stream ADD COLUMN quarantine bigint NOT NULL DEFAULT 0 CHECK (quarantine >= 0);
COMMENT ON COLUMN world_stream.quarantine IS 'Rises when a key comes into quarantine or leaves it.';
