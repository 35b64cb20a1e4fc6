package io.hermes.publish;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** The Flight Recorder event of a caller that waited for room. */
@Name("hermes.PublisherWait")
@Label("Publisher Wait")
@Category({"Hermes", "Publisher"})
@Description("publish waited, because too many events were in flight")
@Threshold("10 ms")
@SuppressWarnings("UnusedVariable") // Flight Recorder reads them
final class PublisherWaitEvent extends Event {

  @Label("Topic")
  String topic = "";

  @Label("Event Size")
  @DataAmount
  int bytes;

  @Label("Admitted")
  @Description("Whether the event was admitted")
  boolean admitted;
}
