-- Ownership that ends by time, for servers with durability = database: all that they confirmed is
-- here, so another machine may go on when they are not heard of any more.

ALTER TABLE world_stream ADD COLUMN lease_until timestamptz;
COMMENT ON COLUMN world_stream.lease_until IS
    'The owner''s, unless it renews it; null: ownership does not end by time.';
