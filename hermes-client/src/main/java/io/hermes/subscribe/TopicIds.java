package io.hermes.subscribe;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks the cluster for the ids of topics. */
interface TopicIds {

  /** Waits for the answer. Null if the id is not available now. */
  @Nullable TopicId of(String topic);

  /** Returns without waiting. */
  Map<String, CompletableFuture<TopicId>> ask(Set<String> topics);
}
