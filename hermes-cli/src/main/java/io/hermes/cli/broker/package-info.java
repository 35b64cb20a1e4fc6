/** The cluster: {@code hermes broker, topics, acls}, and how commands reach brokers. */
@NullMarked
package io.hermes.cli.broker;

import org.jspecify.annotations.NullMarked;
