package io.hermes.publish;

/**
 * What an event needs on its way back from Kafka. Safe for any thread.
 *
 * @param acknowledgements the thread that completes futures
 * @param relay what waits for that thread
 * @param outstanding counts what a flush waits for
 * @param where the brokers' addresses, for error messages
 */
record ReturnPath(
    AcknowledgementThread acknowledgements, Relay relay, Outstanding outstanding, String where) {}
