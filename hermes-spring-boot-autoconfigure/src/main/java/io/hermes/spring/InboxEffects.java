package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.jdbc.Inbox;
import io.hermes.subscribe.BatchFailure;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Handler;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * Calls a handler in a transaction that also marks its events as handled. Events that are already
 * marked are not passed to it. An exception of the handler rolls back both.
 */
final class InboxEffects implements Effects {

  private final Inbox inbox;
  private final DataSource source;
  private final PlatformTransactionManager transactions;
  private final DefaultTransactionDefinition definition = new DefaultTransactionDefinition();
  private final String refused;

  InboxEffects(
      String listener, Inbox inbox, DataSource source, PlatformTransactionManager transactions) {
    this.inbox = inbox;
    this.source = source;
    this.transactions = transactions;
    this.definition.setName(listener);
    this.refused = listener + " is not called.";
  }

  @Override
  public <M extends Message> Handler<M> single(Handler<M> handler) {
    return delivery ->
        inTransaction(
            connection ->
                inbox.once(
                    delivery,
                    connection,
                    (Inbox.Effect<Exception>) () -> handler.handle(delivery)));
  }

  /**
   * Handles a batch. If a {@link BatchFailure} names a failed event, the events before it are
   * rolled back with it, so they are handled again without it.
   */
  @Override
  public <M extends Message> BatchHandler<M> batch(BatchHandler<M> handler) {
    return deliveries -> {
      List<Delivery<M>> rest = deliveries;
      BatchFailure failure = null;
      while (!rest.isEmpty()) {
        BatchFailure next = handle(rest, handler);
        if (next == null) {
          break;
        }
        failure = next;
        rest = rest.subList(0, next.index());
      }
      if (failure != null) {
        throw failure;
      }
    };
  }

  /**
   * Returns null if all events were handled; otherwise which one failed, with everything rolled
   * back.
   */
  private <M extends Message> @Nullable BatchFailure handle(
      List<Delivery<M>> deliveries, BatchHandler<M> handler) throws Exception {
    List<Delivery<M>> given = new ArrayList<>();
    try {
      inTransaction(
          connection ->
              inbox.once(
                  deliveries,
                  connection,
                  (Inbox.BatchEffect<M, Exception>)
                      fresh -> {
                        given.addAll(fresh);
                        handler.handle(fresh);
                      }));
      return null;
    } catch (BatchFailure e) {
      if (e.index() >= given.size()) {
        throw new IllegalStateException(
            "A BatchFailure names index " + e.index() + " of " + given.size() + " events.", e);
      }
      Delivery<M> failed = given.get(e.index());
      for (int i = 0; i < deliveries.size(); i++) {
        if (deliveries.get(i) == failed) {
          return BatchFailure.at(i, e.getCause() == null ? e : e.getCause());
        }
      }
      throw e; // cannot happen: the handler got only events of the batch
    }
  }

  /** Rolls back on any exception; {@code @Transactional} would commit on checked exceptions. */
  private void inTransaction(TransactionConnection.Work<Exception> work) throws Exception {
    TransactionStatus status = transactions.getTransaction(definition);
    try {
      TransactionConnection.use(source, refused, work);
    } catch (Throwable e) {
      rollback(status, e);
      throw e;
    }
    transactions.commit(status);
  }

  private void rollback(TransactionStatus status, Throwable why) {
    try {
      transactions.rollback(status);
    } catch (TransactionException e) {
      why.addSuppressed(e);
    }
  }
}
