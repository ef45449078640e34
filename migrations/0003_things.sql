-- What lies on the ground, what stands in several cells, and how things look. Hot tables like those
-- of 0001, so without foreign keys.

ALTER TABLE cell_entities ADD COLUMN until_tick bigint NOT NULL DEFAULT 0 CHECK (until_tick >= 0);
COMMENT ON COLUMN cell_entities.until_tick IS 'It becomes something else then; 0 for never.';

CREATE TABLE multi_cell_entities (
    world_id        bigint NOT NULL,
    id              bigint NOT NULL CHECK (id > 0),
    type            smallint NOT NULL CHECK (type BETWEEN 1 AND 1023),
    cell_x          integer NOT NULL,
    cell_y          integer NOT NULL,
    width           smallint NOT NULL CHECK (width BETWEEN 1 AND 8),
    height          smallint NOT NULL CHECK (height BETWEEN 1 AND 8),
    primary_x       smallint NOT NULL CHECK (primary_x BETWEEN 0 AND width - 1),
    primary_y       smallint NOT NULL CHECK (primary_y BETWEEN 0 AND height - 1),
    image_config_id bigint NOT NULL CHECK (image_config_id BETWEEN 0 AND 4294967295),
    placer_id       bigint NOT NULL CHECK (placer_id >= 0),
    tick            bigint NOT NULL,
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (world_id, id)
);
COMMENT ON TABLE multi_cell_entities IS 'Structures: what stands in several cells.';
COMMENT ON COLUMN multi_cell_entities.cell_x IS 'Of its primary cell, the one that names it.';
COMMENT ON COLUMN multi_cell_entities.primary_x IS 'How far that is from its western edge.';

CREATE TABLE multi_cell_entity_cells (
    world_id  bigint NOT NULL,
    chunk_x   integer NOT NULL CHECK (chunk_x BETWEEN -65536 AND 65535),
    chunk_y   integer NOT NULL CHECK (chunk_y BETWEEN -65536 AND 65535),
    cell      smallint NOT NULL CHECK (cell BETWEEN 0 AND 4095),
    entity_id bigint NOT NULL CHECK (entity_id > 0),
    PRIMARY KEY (world_id, chunk_x, chunk_y, cell)
);
CREATE INDEX multi_cell_entity_cells_entity ON multi_cell_entity_cells (world_id, entity_id);
COMMENT ON TABLE multi_cell_entity_cells IS 'The cells of structures: each belongs to one at most.';

CREATE TABLE cell_piles (
    world_id        bigint NOT NULL,
    chunk_x         integer NOT NULL CHECK (chunk_x BETWEEN -65536 AND 65535),
    chunk_y         integer NOT NULL CHECK (chunk_y BETWEEN -65536 AND 65535),
    cell            smallint NOT NULL CHECK (cell BETWEEN 0 AND 4095),
    id              bigint NOT NULL CHECK (id > 0),
    cell_x          integer GENERATED ALWAYS AS (chunk_x * 64 + (cell & 63)) STORED,
    cell_y          integer GENERATED ALWAYS AS (chunk_y * 64 + (cell >> 6)) STORED,
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
    until_tick      bigint NOT NULL CHECK (until_tick >= 0),
    tick            bigint NOT NULL,
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (world_id, chunk_x, chunk_y, cell, id)
);
COMMENT ON TABLE cell_piles IS 'Stacks that lie on the ground, gone after until_tick.';

CREATE TABLE image_configs (
    world_id     bigint NOT NULL,
    id           bigint NOT NULL CHECK (id BETWEEN 1 AND 4294967295),
    size         integer NOT NULL CHECK (size BETWEEN 1 AND 65535),
    angle        integer CHECK (angle BETWEEN -62832 AND 62832),
    offset_x     integer NOT NULL CHECK (offset_x BETWEEN -16384 AND 16384),
    offset_y     integer NOT NULL CHECK (offset_y BETWEEN -16384 AND 16384),
    custom_image bytea CHECK (octet_length(custom_image) = 16),
    tick         bigint NOT NULL,
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (world_id, id)
);
COMMENT ON TABLE image_configs IS 'How things are drawn that do not look like their types.';
COMMENT ON COLUMN image_configs.size IS 'In 1/16 pixel, like the offsets.';
COMMENT ON COLUMN image_configs.angle IS 'In 1/10,000 radian; null: it turns with the viewer.';
COMMENT ON COLUMN image_configs.custom_image IS 'Id of the picture in images.';

CREATE TABLE images (
    world_id    bigint NOT NULL,
    id          bytea NOT NULL CHECK (octet_length(id) = 16),
    png         bytea NOT NULL,
    width       integer NOT NULL CHECK (width BETWEEN 1 AND 4096),
    height      integer NOT NULL CHECK (height BETWEEN 1 AND 4096),
    uploader_id bigint NOT NULL CHECK (uploader_id >= 0),
    tick        bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (world_id, id)
);
ALTER TABLE images ALTER COLUMN png SET STORAGE EXTERNAL;
COMMENT ON TABLE images IS 'Pictures that players brought; id is the BLAKE2b-128 of png.';

CREATE TABLE image_bans (
    world_id   bigint NOT NULL,
    id         bytea NOT NULL CHECK (octet_length(id) = 16),
    tick       bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (world_id, id)
);
COMMENT ON TABLE image_bans IS 'Pictures that an operator has forbidden, known or not.';

CREATE TABLE image_edits (
    world_id        bigint NOT NULL,
    entity_id       bigint NOT NULL CHECK (entity_id > 0),
    image_config_id bigint NOT NULL CHECK (image_config_id BETWEEN 1 AND 4294967295),
    by_kind         smallint NOT NULL CHECK (by_kind BETWEEN 0 AND 2),
    by_id           bigint NOT NULL CHECK (by_id >= 0),
    tick            bigint NOT NULL,
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (world_id, entity_id)
);
COMMENT ON TABLE image_edits IS 'Who gave a thing the look that it has now, and when.';
COMMENT ON COLUMN image_edits.by_kind IS '0 the system, 1 a player (by_id), 2 an operator.';

CREATE INDEX cell_entities_image ON cell_entities (world_id, image_config_id)
WHERE image_config_id <> 0;
CREATE INDEX multi_cell_entities_image ON multi_cell_entities (world_id, image_config_id)
WHERE image_config_id <> 0;
CREATE INDEX cell_piles_image ON cell_piles (world_id, image_config_id)
WHERE image_config_id <> 0;
CREATE INDEX inventory_entities_image ON inventory_entities (world_id, image_config_id)
WHERE image_config_id <> 0;

-- For people: pixels and radians instead of units, names instead of numbers.

CREATE VIEW image_configs_view AS
SELECT w.name AS world, c.id, c.size / 16.0 AS size, c.angle / 10000.0 AS fixed_screen_angle,
       c.offset_x / 16.0 AS draw_offset_x, c.offset_y / 16.0 AS draw_offset_y,
       encode(c.custom_image, 'hex') AS custom_image, b.id IS NOT NULL AS is_banned, c.tick,
       c.changed_at
FROM image_configs c
JOIN worlds w ON w.id = c.world_id
LEFT JOIN image_bans b ON b.world_id = c.world_id AND b.id = c.custom_image;

CREATE VIEW entity_images_view AS
SELECT w.name AS world, e.id, e.cell_x, e.cell_y, t.name AS type, c.size / 16.0 AS size,
       c.angle / 10000.0 AS fixed_screen_angle, c.offset_x / 16.0 AS draw_offset_x,
       c.offset_y / 16.0 AS draw_offset_y, encode(c.custom_image, 'hex') AS custom_image,
       CASE i.by_kind WHEN 0 THEN 'system' WHEN 1 THEN 'player' WHEN 2 THEN 'operator' END
           AS modified_by, a.name AS modifier, i.changed_at AS modified_at
FROM (SELECT world_id, id, cell_x, cell_y, type, image_config_id FROM cell_entities
      UNION ALL
      SELECT world_id, id, cell_x, cell_y, type, image_config_id FROM multi_cell_entities) e
JOIN worlds w ON w.id = e.world_id
JOIN image_configs c ON c.world_id = e.world_id AND c.id = e.image_config_id
LEFT JOIN entity_types t ON t.id = e.type
LEFT JOIN image_edits i ON i.world_id = e.world_id AND i.entity_id = e.id
LEFT JOIN characters p ON p.world_id = e.world_id AND p.id = i.by_id AND i.by_kind = 1
LEFT JOIN accounts a ON a.id = p.account_id;

CREATE VIEW multi_cell_entities_view AS
SELECT w.name AS world, e.id, t.name AS type, e.cell_x, e.cell_y,
       e.cell_x - e.primary_x AS west, e.cell_y - e.primary_y AS north, e.width, e.height,
       e.image_config_id, e.placer_id, a.name AS placer, e.tick, e.changed_at
FROM multi_cell_entities e
JOIN worlds w ON w.id = e.world_id
LEFT JOIN entity_types t ON t.id = e.type
LEFT JOIN characters c ON c.world_id = e.world_id AND c.id = e.placer_id
LEFT JOIN accounts a ON a.id = c.account_id;

CREATE VIEW cell_piles_view AS
SELECT w.name AS world, p.id, p.cell_x, p.cell_y, t.name AS type, p.quantity,
       s.name AS harvested_from, p.until_tick, p.tick, p.changed_at
FROM cell_piles p
JOIN worlds w ON w.id = p.world_id
LEFT JOIN entity_types t ON t.id = p.type
LEFT JOIN entity_types s ON s.id = p.source_type;
