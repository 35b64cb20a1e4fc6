-- The Hermes inbox for H2 2.2 or newer.

CREATE TABLE hermes_inbox (
  consumer   VARCHAR NOT NULL,   -- usually the consumer group
  event_id   VARCHAR NOT NULL,
  handled_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  PRIMARY KEY (consumer, event_id)
);

CREATE INDEX hermes_inbox_age ON hermes_inbox (handled_at);
