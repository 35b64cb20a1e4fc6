-- The outbox of Hermes, for PostgreSQL 12 or newer.

CREATE TABLE hermes_outbox (
  id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard            SMALLINT NOT NULL,
  key_hash         BIGINT,               -- of topic and key; no key: null
  event_id         TEXT,
  topic            TEXT NOT NULL,        -- as in the contract, without a topic prefix
  record_key       BYTEA,
  payload          BYTEA,                -- a tombstone: null
  event_type       TEXT,
  message_type     TEXT NOT NULL,
  content_encoding TEXT,
  headers          BYTEA,
  created_at       TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  parked_at        TIMESTAMP WITH TIME ZONE,
  parked_reason    TEXT
) WITH (
  -- Rows come and go: dead ones are collected by number, not by share of the table.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 10000,
  autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 100000
);

CREATE INDEX hermes_outbox_next ON hermes_outbox (shard, id) WHERE parked_at IS NULL;
CREATE INDEX hermes_outbox_parked ON hermes_outbox (shard, key_hash) WHERE parked_at IS NOT NULL;

-- One row for each shard: which relay publishes it, and until when.
CREATE TABLE hermes_outbox_shard (
  shard      SMALLINT PRIMARY KEY,
  owner      TEXT,
  epoch      BIGINT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE
) WITH (fillfactor = 10);

INSERT INTO hermes_outbox_shard (shard, epoch) SELECT number, 0 FROM generate_series(0, 7) AS number;
