package io.hermes.subscribe;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps the subscriber from going on, in words, until it is over. Each is logged when it
 * begins, changes and ends, not each time it is seen. Safe for any thread.
 */
final class Faults {

  private static final Logger LOG = LoggerFactory.getLogger(HermesSubscriber.class);

  private final Map<String, String> faults = new ConcurrentSkipListMap<>();
  private final String group;

  Faults(String group) {
    this.group = group;
  }

  void begin(String subject, String text, @Nullable Throwable cause) {
    if (!text.equals(faults.put(subject, text))) {
      LOG.warn("Group {}: {}: {}", group, subject, text);
      LOG.debug("The cause", cause);
    }
  }

  void end(String subject) {
    if (!faults.isEmpty() && faults.remove(subject) != null) {
      LOG.info("Group {}: {}: over", group, subject);
    }
  }

  /** All of them; null if there is none. */
  @Nullable String text() {
    if (faults.isEmpty()) {
      return null;
    }
    StringBuilder all = new StringBuilder();
    faults.forEach(
        (subject, text) ->
            all.append(all.length() == 0 ? "" : "; ").append(subject).append(": ").append(text));
    return all.toString();
  }
}
