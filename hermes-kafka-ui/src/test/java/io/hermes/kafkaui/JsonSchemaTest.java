package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kafbat.ui.serde.api.Serde.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What kafka-ui makes samples from, and checks entered values with. */
class JsonSchemaTest {

  private final HermesSerde serde = Records.serde(Map.of("revealRedacted", true));

  @AfterEach
  void close() {
    serde.close();
  }

  @Test
  void namesTheFieldsAsTheyAreShown() {
    assertThat(schema("user.events").toString())
        .isEqualTo(
            "{'$schema':'http://json-schema.org/draft-07/schema#','type':'object','properties':{"
                    .replace('\'', '"')
                + ("'eventId':{'type':'string'},"
                        + "'timestamp':{'type':['string','integer'],'pattern':'^-?[0-9]{1,18}[0-9]?$'},"
                        + "'userId':{'type':'string'},"
                        + "'eventType':{'enum':['UNKNOWN','USER_REGISTERED','USER_LOGIN','USER_LOGOUT']},"
                        + "'data':{'$ref':'#/definitions/hermes.events.v1.UserEvent.Data'}},"
                        + "'definitions':{'hermes.events.v1.UserEvent.Data':{'type':'object','properties':{"
                        + "'email':{'type':'string'},'username':{'type':'string'},"
                        + "'metadata':{'type':'object','additionalProperties':{'type':'string'}}}}}}")
                    .replace('\'', '"'));
  }

  @Test
  void aSampleHasOneFieldOfAOneof() {
    assertThat(schema("payments.events").getAsJsonObject("properties").keySet())
        .contains("card", "providerData", "receipt")
        .doesNotContain("bankTransfer", "wallet");
  }

  @Test
  void eventsOfASharedTopicNameTheirType() {
    List<String> types = new ArrayList<>();
    for (JsonElement event : schema("orders.events").getAsJsonArray("anyOf")) {
      assertThat(event.getAsJsonObject().getAsJsonArray("required")).hasToString("[\"@type\"]");
      types.add(
          event
              .getAsJsonObject()
              .getAsJsonObject("properties")
              .getAsJsonObject("@type")
              .get("const")
              .getAsString());
    }
    assertThat(types)
        .containsExactlyInAnyOrder(
            "hermes.events.v1.OrderPlaced",
            "hermes.events.v1.OrderPaid",
            "hermes.events.v1.OrderCancelled");
  }

  @Test
  void everyPatternMatchesWhatIsShown() {
    JsonObject schema = schema("payments.events");
    JsonObject shown =
        JsonParser.parseString(
                Records.value(
                        serde,
                        "payments.events",
                        Records.headers(),
                        Records.payment(101).toByteArray())
                    .getResult())
            .getAsJsonObject();
    JsonObject attempt =
        schema
            .getAsJsonObject("definitions")
            .getAsJsonObject("hermes.events.v1.PaymentEvent.Attempt")
            .getAsJsonObject("properties");

    for (String field : List.of("receipt", "signature")) {
      assertThat(shown.get(field).getAsString())
          .isNotEmpty()
          .matches(pattern(schema.getAsJsonObject("properties"), field));
    }
    assertThat(shown.getAsJsonArray("attempts").get(0).getAsJsonObject().get("took").getAsString())
        .matches(pattern(attempt, "took"));
  }

  @Test
  void keysAndOtherTopicsHaveNone() {
    assertThat(serde.getSchema("user.events", Target.KEY)).isEmpty();
    assertThat(serde.getSchema("something.else", Target.VALUE)).isEmpty();
  }

  private static String pattern(JsonObject properties, String field) {
    return properties.getAsJsonObject(field).get("pattern").getAsString();
  }

  private JsonObject schema(String topic) {
    return JsonParser.parseString(serde.getSchema(topic, Target.VALUE).orElseThrow().getSchema())
        .getAsJsonObject();
  }
}
