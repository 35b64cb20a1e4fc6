package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.kafka.ClosingHooks;
import io.hermes.kafka.ObserverCalls;
import io.hermes.publish.PublisherObserver.Publication;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** A publisher's observers. Safe for any thread. */
final class PublicationObservers {

  private final List<PublisherObserver> observers;
  private final ObserverCalls calls;
  private String clientId = ""; // written before the publisher is returned to the caller
  private final ClosingHooks whenClosed;

  private PublicationObservers(
      List<PublisherObserver> observers, ObserverCalls calls, ClosingHooks whenClosed) {
    this.observers = observers;
    this.calls = calls;
    this.whenClosed = whenClosed;
  }

  /**
   * The observers of one publisher.
   *
   * @param owner the publisher, logged at the start of each line
   */
  static PublicationObservers of(List<PublisherObserver> observers, String owner, Logger log) {
    ObserverCalls calls = new ObserverCalls(owner, log);
    return new PublicationObservers(observers, calls, new ClosingHooks(owner, log, calls));
  }

  long failures() {
    return calls.failures();
  }

  void opened(String id, List<Topic<?>> topics, Supplier<PublisherHealth> health) {
    clientId = id;
    for (PublisherObserver observer : observers) {
      whenClosed.add(calls.ask(observer, asked -> asked.opened(id, topics, health)));
    }
  }

  void closed(long deadlineNs) {
    whenClosed.run(deadlineNs);
  }

  /**
   * An event is about to be published.
   *
   * @param event null for a tombstone
   * @param headers the caller's headers
   * @return null if there are no observers
   */
  @Nullable Observed begin(Topic<?> topic, @Nullable Message event, Iterable<Header> headers) {
    if (observers.isEmpty()) {
      return null;
    }
    OutgoingEvent outgoing = new OutgoingEvent(clientId, topic, event, headers);
    List<Publication> following = new ArrayList<>(observers.size());
    for (PublisherObserver observer : observers) {
      Publication publication = calls.ask(observer, asked -> asked.publishing(outgoing));
      if (publication != null) {
        following.add(publication);
      }
    }
    return new Observed(following, outgoing.headers());
  }

  /** One event being published, and the observers that follow it. Ended once. */
  final class Observed {

    private final List<Publication> following;
    private final Headers headers;

    private Observed(List<Publication> following, Headers headers) {
      this.following = following;
      this.headers = headers;
    }

    boolean isFollowed() {
      return !following.isEmpty();
    }

    /** The caller's headers and those that observers have added. */
    Headers headers() {
      return headers;
    }

    /**
     * The record is about to be passed to Kafka; the result runs once Kafka accepted or refused it.
     */
    Runnable sending() {
      List<Runnable> open = new ArrayList<>(following.size());
      for (Publication publication : following) {
        Runnable hook = calls.ask(publication, Publication::sending);
        if (hook != null) {
          open.add(hook);
        }
      }
      return () -> {
        for (int i = open.size() - 1; i >= 0; i--) {
          calls.call(open.get(i), Runnable::run);
        }
      };
    }

    void acknowledged(Receipt receipt) {
      end(publication -> publication.acknowledged(receipt));
    }

    void failed(PublishException why) {
      if (why instanceof PublishRejectedException rejected) {
        end(publication -> publication.rejected(rejected));
      } else if (why instanceof PublishUnknownException unknown) {
        end(publication -> publication.unknown(unknown));
      }
    }

    private void end(Consumer<Publication> outcome) {
      for (int i = following.size() - 1; i >= 0; i--) {
        calls.call(following.get(i), outcome);
      }
    }
  }
}
