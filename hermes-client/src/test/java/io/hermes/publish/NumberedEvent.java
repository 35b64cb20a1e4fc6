package io.hermes.publish;

import io.hermes.PublishRejectedException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** An event for the relay alone: its charge is its number, and its outcome goes nowhere. */
class NumberedEvent implements Pending {

  private final int charge;
  private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();

  NumberedEvent(int charge) {
    this.charge = charge;
  }

  @Override
  public int charge() {
    return charge;
  }

  @Override
  public void observed(PublicationObservers.Observed by) {}

  @Override
  public void admitted(Destination to, int keyBytes, int valueBytes, int room) {}

  @Override
  public void enterSend() {}

  @Override
  public @Nullable Exception leaveSend() {
    return null;
  }

  @Override
  public void refused(PublishRejectedException why) {}

  @Override
  public boolean ended(@Nullable Object reported) {
    return outcome.compareAndSet(null, Pending.known(reported));
  }

  @Override
  public boolean isEnded() {
    return outcome.get() != null;
  }

  @Override
  public void lost(Exception why) {}

  @Override
  public void deliver() {}

  @Override
  public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {}
}
