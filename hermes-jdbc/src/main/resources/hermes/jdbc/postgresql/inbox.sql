-- The Hermes inbox for PostgreSQL 12 or newer.

CREATE TABLE hermes_inbox (
  consumer   TEXT NOT NULL,   -- usually the consumer group
  event_id   TEXT NOT NULL,
  handled_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (consumer, event_id)
);

CREATE INDEX hermes_inbox_age ON hermes_inbox (handled_at);
