-- The Hermes outbox for PostgreSQL 12 or newer.

CREATE TABLE hermes_outbox (
  id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard            SMALLINT NOT NULL,
  key_hash         BIGINT,               -- of topic and key; null without a key
  event_id         TEXT,
  topic            TEXT NOT NULL,        -- as in the contract, without a topic prefix
  record_key       BYTEA,
  payload          BYTEA,                -- null for a tombstone
  event_type       TEXT,
  message_type     TEXT NOT NULL,
  content_encoding TEXT,
  headers          BYTEA,
  created_at       TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  parked_at        TIMESTAMP WITH TIME ZONE,
  parked_reason    TEXT
) WITH (
  -- Rows are short-lived: vacuum after a number of changed rows, not a share of the table.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 10000,
  autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 100000
);

CREATE INDEX hermes_outbox_next ON hermes_outbox (shard, id) WHERE parked_at IS NULL;
CREATE INDEX hermes_outbox_parked ON hermes_outbox (shard, key_hash) WHERE parked_at IS NOT NULL;

-- One row for each shard: the relay that publishes it, and when its lease expires.
CREATE TABLE hermes_outbox_shard (
  shard      SMALLINT PRIMARY KEY,
  owner      TEXT,
  epoch      BIGINT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE
) WITH (fillfactor = 10);

INSERT INTO hermes_outbox_shard (shard, epoch) SELECT number, 0 FROM generate_series(0, 7) AS number;
