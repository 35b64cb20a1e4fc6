package io.hermes.publish;

/**
 * What an event needs after Kafka reports its outcome. Safe for any thread.
 *
 * @param acknowledgements the thread that completes futures
 * @param relay the queue for that thread
 * @param outstanding counts what a flush waits for
 * @param where the brokers' addresses, for error messages
 */
record ReturnPath(
    AcknowledgementThread acknowledgements, Relay relay, Outstanding outstanding, String where) {}
