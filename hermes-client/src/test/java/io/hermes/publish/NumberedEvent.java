package io.hermes.publish;

import io.hermes.PublishRejectedException;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** An event for the relay alone: its charge is its number, and its outcome goes nowhere. */
record NumberedEvent(int charge) implements Pending {

  @Override
  public void observed(PublicationObservers.Observed by) {}

  @Override
  public void admitted(TopicRoute<?> route, int keyBytes, int valueBytes, int room) {}

  @Override
  public void enterSend() {}

  @Override
  public @Nullable Exception leaveSend() {
    return null;
  }

  @Override
  public void refused(PublishRejectedException why) {}

  @Override
  public void ended(@Nullable Object outcome) {}

  @Override
  public void deliver() {}

  @Override
  public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {}
}
