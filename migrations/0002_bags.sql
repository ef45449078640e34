-- What characters own: bags and skills. Hot tables like those of 0001, so without foreign keys.

CREATE TABLE skill_types (
    id   smallint PRIMARY KEY CHECK (id BETWEEN 1 AND 31),
    name text NOT NULL UNIQUE CHECK (name <> '')
);
COMMENT ON TABLE skill_types IS 'Numbers of skills, given once by name and kept for ever.';

CREATE TABLE inventory_entities (
    world_id        bigint NOT NULL,
    character_id    bigint NOT NULL CHECK (character_id > 0),
    slot_index      smallint NOT NULL CHECK (slot_index BETWEEN 0 AND 255),
    type            smallint NOT NULL CHECK (type BETWEEN 1 AND 1023),
    quantity        integer NOT NULL CHECK (quantity BETWEEN 1 AND 65535),
    image_config_id bigint NOT NULL CHECK (image_config_id BETWEEN 0 AND 4294967295),
    wear            integer NOT NULL CHECK (wear >= 0),
    source_type     smallint NOT NULL CHECK (source_type BETWEEN 0 AND 1023),
    source_cell_x   integer NOT NULL,
    source_cell_y   integer NOT NULL,
    source_tick     bigint NOT NULL,
    source_time_s   bigint NOT NULL CHECK (source_time_s BETWEEN 0 AND 4294967295),
    source_tool     smallint NOT NULL CHECK (source_tool BETWEEN 0 AND 1023),
    source_pos_x    integer NOT NULL,
    source_pos_y    integer NOT NULL,
    source_skill    smallint NOT NULL CHECK (source_skill BETWEEN 0 AND 31),
    source_level    smallint NOT NULL CHECK (source_level BETWEEN 0 AND 10),
    tick            bigint NOT NULL,
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (world_id, character_id, slot_index)
) WITH (fillfactor = 70);
COMMENT ON TABLE inventory_entities IS 'Bags: what lies in each slot that is not empty.';
COMMENT ON COLUMN inventory_entities.wear IS 'Uses of a tool so far.';
COMMENT ON COLUMN inventory_entities.source_type IS 'What it was harvested from, 0 nothing.';
COMMENT ON COLUMN inventory_entities.source_pos_x IS 'Where the player stood, in 1/16 pixel.';

CREATE TABLE character_skills (
    world_id     bigint NOT NULL,
    character_id bigint NOT NULL CHECK (character_id > 0),
    skill        smallint NOT NULL CHECK (skill BETWEEN 1 AND 31),
    points       bigint NOT NULL CHECK (points BETWEEN 1 AND 4294967295),
    tick         bigint NOT NULL,
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (world_id, character_id, skill)
) WITH (fillfactor = 70);
COMMENT ON TABLE character_skills IS 'Experience; content says how much of it is which level.';

ALTER TABLE accounts ADD COLUMN roles smallint NOT NULL DEFAULT 0 CHECK (roles BETWEEN 0 AND 255);
COMMENT ON COLUMN accounts.roles IS 'What the account may do beyond what all may; bit 0: builder.';

-- For people.

CREATE VIEW inventory_entities_view AS
SELECT w.name AS world, a.name AS character, i.character_id, i.slot_index, t.name AS type,
       i.quantity,
       jsonb_strip_nulls(jsonb_build_object(
           'image_config', NULLIF(i.image_config_id, 0),
           'wear', NULLIF(i.wear, 0),
           'harvested', CASE WHEN i.source_type = 0 THEN NULL ELSE jsonb_build_object(
               'from', s.name, 'cell_x', i.source_cell_x, 'cell_y', i.source_cell_y,
               'tick', i.source_tick, 'at', to_timestamp(i.source_time_s), 'tool', l.name,
               'player_x', i.source_pos_x / 16.0, 'player_y', i.source_pos_y / 16.0,
               'skill', k.name, 'level', i.source_level) END)) AS metadata,
       i.tick, i.changed_at
FROM inventory_entities i
JOIN worlds w ON w.id = i.world_id
LEFT JOIN entity_types t ON t.id = i.type
LEFT JOIN entity_types s ON s.id = i.source_type
LEFT JOIN entity_types l ON l.id = i.source_tool
LEFT JOIN skill_types k ON k.id = i.source_skill
LEFT JOIN characters c ON c.world_id = i.world_id AND c.id = i.character_id
LEFT JOIN accounts a ON a.id = c.account_id;

CREATE VIEW character_skills_view AS
SELECT w.name AS world, a.name AS character, s.character_id, t.name AS skill, s.points,
       s.tick, s.changed_at
FROM character_skills s
JOIN worlds w ON w.id = s.world_id
LEFT JOIN skill_types t ON t.id = s.skill
LEFT JOIN characters c ON c.world_id = s.world_id AND c.id = s.character_id
LEFT JOIN accounts a ON a.id = c.account_id;
