package io.hermes.subscribe;

import io.hermes.kafka.TransactionFailures.Step;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A transaction coordinator, and producers that fail as they are told. What is committed outlives
 * them. Of one thread.
 */
final class SteppedTransactions {

  /** What happens to the next step of its kind. */
  enum Fate {
    /** It is done. */
    DONE,
    /** It is done, and its answer is lost. */
    DONE_UNHEARD,
    /** It times out, and nothing has happened. */
    TIMED_OUT,
    /** The producer is fenced, and its transaction aborted. */
    FENCED,
    /** The transaction can only be aborted. */
    ABORTABLE
  }

  private final Set<TopicPartition> assigned;
  private final Map<TopicPartition, OffsetAndMetadata> committedOffsets;
  private final List<ProducerRecord<byte[], byte[]>> committed = new ArrayList<>();
  private final Map<String, Id> ids = new HashMap<>();
  private Fate offsets = Fate.DONE;
  private Fate commit = Fate.DONE;
  private Fate abort = Fate.DONE;
  private Fate init = Fate.DONE;
  private @Nullable Step failing;
  private Throwable failure = new KafkaException();
  private boolean forGood;
  private int sentInVain;

  /** What the coordinator knows of a transactional id. */
  private static final class Id {
    private int epoch;
    private @Nullable Transaction open;
  }

  private static final class Transaction {
    private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    private final List<Callback> unacknowledged = new ArrayList<>();
  }

  SteppedTransactions(
      Set<TopicPartition> assigned, Map<TopicPartition, OffsetAndMetadata> committedOffsets) {
    this.assigned = assigned;
    this.committedOffsets = committedOffsets;
  }

  List<ProducerRecord<byte[], byte[]>> committed() {
    return committed;
  }

  void next(int step, Fate fate) {
    switch (step) {
      case 0 -> offsets = fate;
      case 1 -> commit = fate;
      case 2 -> abort = fate;
      default -> init = fate;
    }
  }

  /**
   * The next step of its kind throws this.
   *
   * @param endsProducer whether that producer can do nothing after it, rather than abort
   */
  void fail(Step step, Throwable with, boolean endsProducer) {
    failing = step;
    failure = with;
    forGood = endsProducer;
  }

  /** How many records were sent in transactions that could only be aborted. */
  int sentInVain() {
    return sentInVain;
  }

  /** Whether what was to fail has failed. */
  boolean hasFailed() {
    return failing == null;
  }

  void heal() {
    offsets = Fate.DONE;
    commit = Fate.DONE;
    abort = Fate.DONE;
    init = Fate.DONE;
  }

  /** The time is over for all that is open: the coordinator aborts it, and fences who has it. */
  void timeOut() {
    ids.values().stream().filter(id -> id.open != null).forEach(SteppedTransactions::fence);
  }

  private static void fence(Id id) {
    id.open = null;
    id.epoch++;
  }

  /** Whether a transaction that is not over would commit an offset of it. */
  boolean isUnstable(TopicPartition partition) {
    return ids.values().stream()
        .anyMatch(id -> id.open != null && id.open.offsets.containsKey(partition));
  }

  private void apply(Transaction transaction) {
    committed.addAll(transaction.records);
    committedOffsets.putAll(transaction.offsets);
  }

  private static Fate take(Fate fate, Fate... applicable) {
    return List.of(applicable).contains(fate) ? fate : Fate.DONE;
  }

  /** One producer. */
  private final class Client {

    private final Id id;
    private int epoch = -1;
    private @Nullable KafkaException error;
    private boolean mustRepeatCommit;
    private boolean committedUnheard; // by the commit that must be repeated
    private boolean begun;

    Client(Id id) {
      this.id = id;
    }

    private boolean isFenced() {
      return epoch != id.epoch;
    }

    private void failIfToldTo(Step step) {
      if (failing != step) {
        return;
      }
      failing = null;
      boolean repeats =
          step == Step.COMMIT
              && (failure instanceof TimeoutException || failure instanceof InterruptException);
      if (repeats) {
        mustRepeatCommit = true;
      } else if (forGood) {
        fence(id);
      } else if (failure instanceof Error) {
        // It came before Kafka's producer knew of the step.
      } else if (step == Step.SEND || step == Step.OFFSETS || step == Step.COMMIT) {
        error = new KafkaException(failure);
      }
      if (failure instanceof Error thrown) {
        throw thrown;
      }
      throw (RuntimeException) failure;
    }

    private void check() {
      if (isFenced()) {
        throw new ProducerFencedException("fenced");
      }
      if (error != null) {
        throw new KafkaException("in an error state", error);
      }
      if (mustRepeatCommit) {
        throw new IllegalStateException("commitTransaction must be repeated");
      }
    }

    void init() {
      failIfToldTo(Step.INIT);
      Fate fate = init;
      init = Fate.DONE;
      if (fate == Fate.TIMED_OUT || fate == Fate.FENCED) {
        throw new TimeoutException("told to");
      }
      fence(id);
      epoch = id.epoch;
    }

    void begin() {
      check();
      failIfToldTo(Step.BEGIN);
      if (begun) {
        throw new IllegalStateException("there is a transaction");
      }
      begun = true;
    }

    private Transaction open() {
      if (!begun) {
        throw new IllegalStateException("there is no transaction");
      }
      Transaction open = id.open;
      if (open == null) {
        open = new Transaction();
        id.open = open;
      }
      return open;
    }

    void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
      sentInVain += error == null ? 0 : 1;
      check();
      failIfToldTo(Step.SEND);
      byte[] value = record.value();
      if (value != null && value.length > 1000 && !record.topic().endsWith("-dlt")) {
        RecordTooLargeException refusal = new RecordTooLargeException("told to");
        error = refusal;
        callback.onCompletion(null, refusal);
      } else if (isFenced()) {
        error = new InvalidProducerEpochException("fenced");
        callback.onCompletion(null, error);
      } else {
        open().records.add(record);
        open().unacknowledged.add(callback);
      }
    }

    void add(Map<TopicPartition, OffsetAndMetadata> offsetsToAdd) {
      check();
      failIfToldTo(Step.OFFSETS);
      Fate fate = take(offsets, Fate.TIMED_OUT, Fate.DONE_UNHEARD, Fate.FENCED, Fate.ABORTABLE);
      offsets = Fate.DONE;
      if (fate == Fate.FENCED) {
        fence(id);
        throw new ProducerFencedException("told to");
      }
      if (fate == Fate.ABORTABLE || !assigned.containsAll(offsetsToAdd.keySet())) {
        error = new KafkaException("abortable");
        throw new CommitFailedException("the group has other members");
      }
      if (fate != Fate.TIMED_OUT) {
        open().offsets.putAll(offsetsToAdd);
      }
      if (fate != Fate.DONE) {
        throw new TimeoutException("told to");
      }
    }

    void commit() {
      failIfToldTo(Step.COMMIT);
      if (isFenced()) {
        if (mustRepeatCommit && id.epoch == epoch + 1 && committedUnheard) {
          mustRepeatCommit = false;
          committedUnheard = false;
          begun = false;
          epoch = id.epoch;
          return;
        }
        throw new ProducerFencedException("fenced");
      }
      if (error != null) {
        throw new KafkaException("in an error state", error);
      }
      Fate fate = commit;
      commit = Fate.DONE;
      switch (fate) {
        case FENCED -> {
          fence(id);
          throw new ProducerFencedException("told to");
        }
        case ABORTABLE -> {
          error = new KafkaException("abortable");
          throw error;
        }
        case TIMED_OUT -> {
          mustRepeatCommit = true;
          throw new TimeoutException("told to");
        }
        case DONE_UNHEARD -> {
          apply(open());
          id.open = null;
          mustRepeatCommit = true;
          committedUnheard = true;
          fence(id); // nobody else may write in its name; it is told so when it repeats the commit
          throw new TimeoutException("told to");
        }
        default -> {
          apply(open());
          id.open = null;
          mustRepeatCommit = false;
          begun = false;
        }
      }
    }

    void abort() {
      failIfToldTo(Step.ABORT);
      if (mustRepeatCommit) {
        throw new IllegalStateException("commitTransaction must be repeated");
      }
      if (isFenced()) {
        throw new ProducerFencedException("fenced");
      }
      Fate fate = abort;
      abort = Fate.DONE;
      if (fate == Fate.FENCED) {
        fence(id);
        throw new ProducerFencedException("told to");
      }
      if (fate == Fate.TIMED_OUT) {
        throw new TimeoutException("told to");
      }
      Transaction aborted = id.open;
      id.open = null;
      error = null;
      begun = false;
      if (aborted != null) { // Kafka's producer fails what it has not sent yet
        aborted.unacknowledged.forEach(
            callback -> callback.onCompletion(null, new TransactionAbortedException()));
      }
    }
  }

  /** A producer without transactions: what it sends is written at once. */
  Producer<byte[], byte[]> producer() {
    return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
      @Override
      public synchronized Future<RecordMetadata> send(
          ProducerRecord<byte[], byte[]> record, Callback callback) {
        committed.add(record);
        return super.send(record, callback);
      }
    };
  }

  /** A producer with this transactional id. */
  @SuppressWarnings("unchecked") // the arguments are those of Kafka's interface
  Producer<byte[], byte[]> producer(String transactionalId) {
    Client client = new Client(ids.computeIfAbsent(transactionalId, first -> new Id()));
    return (Producer<byte[], byte[]>)
        Proxy.newProxyInstance(
            Producer.class.getClassLoader(),
            new Class<?>[] {Producer.class},
            (proxy, method, args) -> {
              switch (method.getName()) {
                case "initTransactions" -> client.init();
                case "beginTransaction" -> client.begin();
                case "send" ->
                    client.send((ProducerRecord<byte[], byte[]>) args[0], (Callback) args[1]);
                case "sendOffsetsToTransaction" ->
                    client.add((Map<TopicPartition, OffsetAndMetadata>) args[0]);
                case "commitTransaction" -> client.commit();
                case "abortTransaction" -> client.abort();
                case "close" -> {} // at once: what it has left open, the coordinator ends
                case "hashCode" -> {
                  return System.identityHashCode(proxy);
                }
                default -> throw new UnsupportedOperationException(method.toString());
              }
              return null;
            });
  }
}
