/**
 * Handles the events of topics in a consumer group: in the order of their keys, many at once, none
 * skipped. Start with {@link io.hermes.subscribe.HermesSubscriber}.
 */
@NullMarked
package io.hermes.subscribe;

import org.jspecify.annotations.NullMarked;
