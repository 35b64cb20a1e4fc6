-- The Hermes inbox for MariaDB 10.6 or newer with InnoDB.

CREATE TABLE hermes_inbox (
  consumer   VARCHAR(250) NOT NULL,   -- usually the consumer group
  event_id   VARCHAR(500) NOT NULL,
  handled_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (consumer, event_id)
) ENGINE = InnoDB, CHARACTER SET = utf8mb4, COLLATE = utf8mb4_bin;

CREATE INDEX hermes_inbox_age ON hermes_inbox (handled_at);
