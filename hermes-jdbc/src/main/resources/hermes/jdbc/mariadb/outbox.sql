-- The Hermes outbox for MariaDB 10.6 or newer with InnoDB.

CREATE TABLE hermes_outbox (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  shard            SMALLINT NOT NULL,
  key_hash         BIGINT,
  event_id         LONGTEXT,
  topic            VARCHAR(249) NOT NULL,
  record_key       LONGBLOB,
  payload          LONGBLOB,
  event_type       TEXT,
  message_type     TEXT NOT NULL,
  content_encoding VARCHAR(20),
  headers          LONGBLOB,
  created_at       TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  parked_at        TIMESTAMP(6) NULL,
  parked_reason    TEXT,
  INDEX hermes_outbox_next (shard, parked_at, id),
  INDEX hermes_outbox_parked (shard, key_hash, parked_at)
) ENGINE = InnoDB, CHARACTER SET = utf8mb4;

-- One row for each shard: the relay that publishes it, and when its lease expires.
CREATE TABLE hermes_outbox_shard (
  shard      SMALLINT NOT NULL PRIMARY KEY,
  owner      VARCHAR(250),
  epoch      BIGINT NOT NULL,
  expires_at TIMESTAMP(6) NULL
) ENGINE = InnoDB;

INSERT INTO hermes_outbox_shard (shard, epoch)
  VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0);

-- Transactions that publish the same key lock its slot, so that they commit one after the other.
CREATE TABLE hermes_outbox_slot (slot SMALLINT NOT NULL PRIMARY KEY) ENGINE = InnoDB;

INSERT INTO hermes_outbox_slot (slot) SELECT seq FROM seq_0_to_1023;
