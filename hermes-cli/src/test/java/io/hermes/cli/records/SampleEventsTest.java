package io.hermes.cli.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.events.v1.UserEvent.EventType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SampleEventsTest {

  @Test
  void beginsWithARegistrationAndGoesOnWithLogins() {
    List<UserEvent> events = take(SampleEvents.random(), 202);
    UserEvent first = events.get(0);
    assertThat(first.getUserId()).isEqualTo("user-123");
    assertThat(first.getEventType()).isEqualTo(EventType.USER_REGISTERED);
    assertThat(first.getData().getEmail()).isEqualTo("user-123@example.com");
    assertThat(first.getData().getUsername()).isNotEmpty();
    assertThat(first.getData().getMetadataMap()).containsOnlyKeys("source", "ip");
    for (int i = 1; i < events.size(); i++) {
      assertThat(events.get(i).getUserId()).isEqualTo("user-" + (i - 1) % 100);
      assertThat(events.get(i).getEventType()).isEqualTo(EventType.USER_LOGIN);
    }
  }

  @Test
  void givesEachEventAnIdOfItsOwn() {
    List<UserEvent> some = take(SampleEvents.random(), 1_000);
    List<UserEvent> others = take(SampleEvents.random(), 1_000);
    assertThat(Stream.concat(some.stream(), others.stream()).map(UserEvent::getEventId))
        .doesNotHaveDuplicates()
        .allMatch(id -> id.matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-.{12}"));
  }

  @Test
  void repeatsTheEventsOfASeed() {
    assertThat(take(SampleEvents.reproducible(7, 10, 0), 50))
        .isEqualTo(take(SampleEvents.reproducible(7, 10, 0), 50))
        .isNotEqualTo(take(SampleEvents.reproducible(8, 10, 0), 50));
  }

  @Test
  void fillsEventsUpToTheSizeThatIsAskedFor() {
    for (int size : new int[] {200, 300, 1_000, 100_000}) {
      assertThat(take(SampleEvents.random(5, size), 20))
          .allSatisfy(
              event -> assertThat(event.getSerializedSize()).isBetween(size - 20, size + 5));
    }
  }

  private static List<UserEvent> take(SampleEvents events, int count) {
    return Stream.generate(events::next).limit(count).toList();
  }
}
