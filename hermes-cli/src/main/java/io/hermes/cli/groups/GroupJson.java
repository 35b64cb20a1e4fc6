package io.hermes.cli.groups;

import com.google.gson.JsonObject;
import java.util.Locale;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;

/** The values that list and show print, for people and for scripts. Stateless. */
final class GroupJson {

  private GroupJson() {}

  static JsonObject head(GroupState state) {
    JsonObject json = new JsonObject();
    json.addProperty("group", state.group().groupId());
    json.addProperty("protocol", protocol(state.group()));
    json.addProperty("state", state(state.group()));
    return json;
  }

  /** The value of {@code group.protocol}: classic, or consumer (KIP-848). */
  static String protocol(ConsumerGroupDescription group) {
    return group.type().toString().toLowerCase(Locale.ROOT);
  }

  static String state(ConsumerGroupDescription group) {
    return group.groupState().toString().toLowerCase(Locale.ROOT);
  }

  /** A member's host, without the leading slash. */
  static String host(MemberDescription member) {
    return member.host().replaceFirst("^/", "");
  }
}
