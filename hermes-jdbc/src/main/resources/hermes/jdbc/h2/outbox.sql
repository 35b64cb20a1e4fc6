-- The Hermes outbox for H2 2.2 or newer.

CREATE TABLE hermes_outbox (
  id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard            SMALLINT NOT NULL,
  key_hash         BIGINT,
  event_id         VARCHAR,
  topic            VARCHAR NOT NULL,
  record_key       BLOB,
  payload          BLOB,
  event_type       VARCHAR,
  message_type     VARCHAR NOT NULL,
  content_encoding VARCHAR,
  headers          BLOB,
  created_at       TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  parked_at        TIMESTAMP WITH TIME ZONE,
  parked_reason    VARCHAR
);

CREATE INDEX hermes_outbox_next ON hermes_outbox (shard, parked_at, id);
CREATE INDEX hermes_outbox_parked ON hermes_outbox (shard, key_hash, parked_at);

-- One row for each shard: the relay that publishes it, and when its lease expires.
CREATE TABLE hermes_outbox_shard (
  shard      SMALLINT PRIMARY KEY,
  owner      VARCHAR,
  epoch      BIGINT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE
);

INSERT INTO hermes_outbox_shard (shard, epoch) SELECT x, 0 FROM system_range(0, 7);

-- Transactions that publish the same key lock its slot, so that they commit one after the other.
CREATE TABLE hermes_outbox_slot (slot SMALLINT PRIMARY KEY);

INSERT INTO hermes_outbox_slot (slot) SELECT x FROM system_range(0, 1023);
