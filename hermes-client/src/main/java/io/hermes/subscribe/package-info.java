/**
 * Handles the events of topics in a consumer group: in order per key, many concurrently, none
 * skipped. Start with {@link io.hermes.subscribe.HermesSubscriber}.
 */
@NullMarked
package io.hermes.subscribe;

import org.jspecify.annotations.NullMarked;
