package io.hermes.subscribe;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks the cluster which topics they are. */
interface TopicIds {

  /** Waits for the answer. Null if it cannot be had now. */
  @Nullable TopicId of(String topic);

  /** Without waiting. */
  Map<String, CompletableFuture<TopicId>> ask(Set<String> topics);
}
