package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.kafka.Faults;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** An outage of the database is one fault, although the threads of eight shards report it. */
class DatabaseFaultTest {

  private final List<String> logged = new ArrayList<>();
  private final Logger log =
      (Logger)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Logger.class},
              (proxy, method, arguments) -> {
                logged.add(method.getName());
                return null;
              });
  private final Faults faults = new Faults("Outbox relay", log);
  private final DatabaseFault fault = new DatabaseFault(faults);

  private static HermesException problem(String message) {
    return new HermesException(message, null, true);
  }

  @Test
  void isReportedOnceForAllShardsAndEndsWithTheLastOne() {
    for (int round = 0; round < 3; round++) {
      for (int shard = 0; shard < 8; shard++) {
        fault.begin(shard, problem("No connection within " + (30_000 + 8 * round + shard) + " ms"));
      }
    }
    assertThat(faults.current()).hasSize(1);
    assertThat(faults.current().get(0).kind()).isEqualTo(Fault.Kind.DATABASE);
    assertThat(logged).containsOnlyOnce("warn");
    for (int shard = 1; shard < 8; shard++) {
      fault.end(shard);
    }
    assertThat(faults.current()).hasSize(1);
    fault.end(0);
    assertThat(faults.current()).isEmpty();
    assertThat(logged).containsOnlyOnce("warn", "info");
    fault.begin(0, problem("No connection within 30000 ms"));
    assertThat(faults.current()).hasSize(1);
  }

  @Test
  void anotherProblemReplacesTheFirstOneAndIsLoggedOnce() {
    for (int round = 0; round < 3; round++) {
      fault.begin(0, problem("Connection is closed."));
      fault.begin(1, problem("Connection refused."));
    }
    assertThat(faults.current())
        .singleElement()
        .satisfies(now -> assertThat(now.problem()).isEqualTo("Connection refused."));
    assertThat(logged.stream().filter("warn"::equals)).hasSize(2);
  }
}
