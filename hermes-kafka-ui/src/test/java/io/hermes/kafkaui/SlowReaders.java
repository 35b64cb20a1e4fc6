package io.hermes.kafkaui;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.hermes.events.v1.PaymentEvent;
import io.kafbat.ui.serde.api.RecordHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Two readers that take 100 events of 10 MiB each and have not yet handed one of them to their
 * browsers. Its argument, if any, is {@code maxJsonChars}; it prints what one event is shown as.
 */
final class SlowReaders {

  private static final int READERS = 2;
  private static final int EVENTS = 100;

  private SlowReaders() {}

  public static void main(String[] args) throws Exception {
    HermesSerde serde =
        Records.serde(
            args.length == 0 ? Map.of() : Map.of("maxJsonChars", Integer.valueOf(args[0])));
    byte[] frame = frame();
    RecordHeaders headers = Records.headers("content-encoding", "zstd");
    Callable<List<String>> reader =
        () -> {
          List<String> waiting = new ArrayList<>();
          for (int i = 0; i < EVENTS; i++) {
            waiting.add(Records.value(serde, "payments.events", headers, frame).getResult());
          }
          return waiting;
        };
    ExecutorService threads = Executors.newFixedThreadPool(READERS);
    List<Future<List<String>>> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      readers.add(threads.submit(reader));
    }
    int shown = 0;
    for (Future<List<String>> future : readers) {
      shown += future.get().size();
    }
    threads.shutdown();
    serde.close();
    System.out.println(shown + " events shown as " + readers.get(0).get().get(0));
  }

  private static byte[] frame() {
    return Zstd.compress(
        PaymentEvent.newBuilder()
            .setPaymentId("payment-1")
            .setSignature(ByteString.copyFrom(new byte[10 << 20]))
            .build()
            .toByteArray());
  }
}
