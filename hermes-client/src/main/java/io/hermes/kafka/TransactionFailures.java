package io.hermes.kafka;

import io.hermes.AccessException;
import io.hermes.BrokerUnavailableException;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidCommitOffsetSizeException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * Decides what to do about a failure of a transactional Kafka producer, and explains it. The
 * failing step matters as much as the exception type: Kafka uses the same types for errors that an
 * abort resolves and for errors that make the producer unusable, and wraps them in a plain {@link
 * KafkaException} on the next call. Follows the error classes of KIP-1050. Immutable, safe for any
 * thread.
 */
public final class TransactionFailures {

  /** The producer's call that failed. */
  public enum Step {
    /** {@code initTransactions}. */
    INIT("cannot be initialised"),
    /** {@code beginTransaction}. */
    BEGIN("cannot begin"),
    /** {@code send}, including what its future or callback reports. */
    SEND("cannot write a record"),
    /** {@code sendOffsetsToTransaction}. */
    OFFSETS("cannot commit the group's offsets"),
    /** {@code commitTransaction}. */
    COMMIT("cannot be committed"),
    /** {@code abortTransaction}. */
    ABORT("cannot be aborted");

    private final String words;

    Step(String words) {
      this.words = words;
    }
  }

  /** What the owner of the producer does next. */
  public enum Action {
    /**
     * Make the same call again: the request is pending, and only that call reports its outcome. An
     * interrupted thread must clear its flag first.
     */
    REPEAT,
    /**
     * Abort the transaction; the same producer can then begin the next one. If the abort fails,
     * that failure says what to do.
     */
    ABORT,
    /** Like {@link #ABORT}, but the record is the cause: the brokers would refuse it again. */
    REFUSE,
    /**
     * Close the producer and create another one with the same transactional id. Its {@code
     * initTransactions} ends the pending transaction.
     */
    REPLACE,
    /**
     * Like {@link #REPLACE}, but the next producer fails as well until someone changes permissions
     * or settings.
     */
    RECONFIGURE
  }

  /**
   * A classified failure.
   *
   * @param step the call that failed
   * @param action what the owner of the producer does next
   * @param reason what happened, why, and what to do about it; its cause is Kafka's exception.
   *     Retryable if a new transaction may succeed with no other change
   */
  public record Failure(Step step, Action action, HermesException reason) {

    /** Whether another producer, or the coordinator, has ended the producer's epoch. */
    public boolean isFencing() {
      return reason.getCause() != null && isFenced(decisive(reason.getCause()));
    }
  }

  private static final String FENCED =
      "Either the transaction was open for longer than transaction.timeout.ms and the coordinator"
          + " aborted it, or another producer has started with the same transactional id. Hermes"
          + " replaces its producer.";

  private static final String FIND_OTHER =
      "If this happens again, look for long pauses of this process, and for a second program that"
          + " uses this id.";

  private final String where;
  private final String transactionalId;

  /**
   * For one producer and its replacements.
   *
   * @param where the bootstrap servers, for messages
   * @param transactionalId the producer's id, for messages
   */
  public TransactionFailures(String where, String transactionalId) {
    this.where = where;
    this.transactionalId = transactionalId;
  }

  /** The bootstrap servers, for messages. */
  public String where() {
    return where;
  }

  /**
   * Classifies a failure. Never throws, and does not change the thread's interrupt flag.
   *
   * @param step the call that failed
   * @param failure what it threw, or what the future of a record reported
   * @return what to do, and the exception to report
   */
  public Failure of(Step step, Throwable failure) {
    Throwable decisive = decisive(failure);
    Action action = action(step, decisive);
    return new Failure(step, action, reason(step, action, decisive));
  }

  /** The first exception that is not just a wrapper; the innermost if all are wrappers. */
  private static Throwable decisive(Throwable failure) {
    List<Throwable> causes = Thrown.causes(failure);
    for (Throwable cause : causes) {
      if (!isWrapper(cause)) {
        return cause;
      }
    }
    return causes.get(causes.size() - 1);
  }

  private static boolean isWrapper(Throwable failure) {
    return failure.getClass() == KafkaException.class
        || failure instanceof ExecutionException
        || failure instanceof CompletionException;
  }

  private static Action action(Step step, Throwable failure) {
    boolean ofMember =
        failure instanceof FencedInstanceIdException
            || failure instanceof IllegalGenerationException
            || failure instanceof UnknownMemberIdException;
    if (failure instanceof ApplicationRecoverableException && !ofMember) {
      return Action.REPLACE;
    }
    if (isRecordsFault(failure)) {
      return opens(step) ? Action.REFUSE : Action.REPLACE;
    }
    if (isSettingsFault(failure)) {
      return Action.RECONFIGURE;
    }
    boolean waited =
        failure.getClass() == TimeoutException.class // not its subclass, which send throws
            || failure instanceof InterruptException
            || failure instanceof InterruptedException;
    if (waited && (step == Step.INIT || step == Step.COMMIT || step == Step.ABORT)) {
      return Action.REPEAT;
    }
    return opens(step) && (failure instanceof KafkaException || waited)
        ? Action.ABORT
        : Action.REPLACE;
  }

  /** Whether a transaction is open that can be aborted if this step fails. */
  private static boolean opens(Step step) {
    return step == Step.SEND || step == Step.OFFSETS || step == Step.COMMIT;
  }

  private static boolean isFenced(Throwable failure) {
    return failure instanceof ProducerFencedException
        || failure instanceof InvalidProducerEpochException;
  }

  private static boolean isRecordsFault(Throwable failure) {
    return KafkaFailures.isUnwritable(failure) || failure instanceof SerializationException;
  }

  private static boolean isSettingsFault(Throwable failure) {
    return failure instanceof InvalidConfigurationException // includes access and versions
        || isTooLong(failure)
        || failure instanceof UnsupportedCompressionTypeException
        || failure instanceof InvalidGroupIdException
        || failure instanceof OffsetMetadataTooLarge
        || failure instanceof InvalidCommitOffsetSizeException;
  }

  /** Whether transaction.timeout.ms is too long, which Kafka reports only in a message. */
  private static boolean isTooLong(Throwable failure) {
    String message = Thrown.message(failure);
    return failure instanceof InvalidTxnTimeoutException
        || (failure.getClass() == KafkaException.class
            && message != null
            && message.contains("transaction.max.timeout.ms"));
  }

  private HermesException reason(Step step, Action action, Throwable failure) {
    String problem =
        "A transaction of %s %s at %s%s."
            .formatted(transactionalId, step.words, where, Thrown.detail(failure));
    if (isFenced(failure)) {
      return new HermesException(problem + " " + FENCED, FIND_OTHER, failure, true);
    }
    if (failure instanceof InvalidPidMappingException) {
      String why =
          " The coordinator has forgotten this id, as it does after transactional.id.expiration.ms"
              + " without a transaction. Hermes replaces its producer.";
      return new HermesException(problem + why, failure, true);
    }
    if (failure instanceof TransactionalIdAuthorizationException) {
      return new AccessException(
          problem + " The principal lacks a permission on this transactional id.",
          "Grant WRITE and DESCRIBE on it with './hermes acls' or kafka-acls.sh --transactional-id,"
              + " or use other credentials.",
          failure);
    }
    if (isTooLong(failure)) {
      return new SettingsException(
          problem
              + " transaction.timeout.ms is longer than the brokers' transaction.max.timeout.ms"
              + " allows.",
          "Shorten it.",
          failure);
    }
    if (failure instanceof UnsupportedVersionException) {
      return new SettingsException(
          problem + " These brokers are too old for it.",
          "Upgrade them to Kafka 2.5 or newer.",
          failure);
    }
    if (failure instanceof TransactionAbortableException
        || failure instanceof TransactionAbortedException) {
      return new HermesException(
          problem + " Kafka requires it to be aborted.", "Run it again.", failure, true);
    }
    if (action == Action.REPEAT && failure instanceof TimeoutException) {
      return new HermesException(
          problem
              + " Its transaction coordinator, or another broker that it needs, does not respond in time.",
          "'./hermes doctor' shows which brokers can be reached.",
          failure,
          true);
    }
    if (action == Action.REFUSE) {
      HermesException refusal = KafkaFailures.unwritable(failure, -1);
      String what = "A transaction of %s %s at %s. ".formatted(transactionalId, step.words, where);
      return new HermesException(what + refusal.problem(), refusal.advice().orElse(null), failure);
    }
    if (failure instanceof InterruptException || failure instanceof InterruptedException) {
      return new HermesException(
          problem + " The thread was interrupted while waiting.", failure, true);
    }
    return translated(step, action, failure);
  }

  /** Explains a failure that is not specific to transactions. */
  private HermesException translated(Step step, Action action, Throwable failure) {
    HermesException known = KafkaFailures.translate(failure, where, null);
    String problem = "A transaction of " + transactionalId + " " + step.words + ": ";
    problem += known.problem();
    String advice = known.advice().orElse(null);
    if (known instanceof AccessException) {
      return new AccessException(problem, advice, failure);
    }
    if (known instanceof BrokerUnavailableException) {
      return new BrokerUnavailableException(problem, advice, failure);
    }
    boolean retryable =
        action != Action.RECONFIGURE
            && (known.isRetryable()
                || failure instanceof RetriableException
                || failure instanceof KafkaException);
    return known instanceof SettingsException
        ? new SettingsException(problem, advice, failure)
        : new HermesException(problem, advice, failure, retryable);
  }
}
