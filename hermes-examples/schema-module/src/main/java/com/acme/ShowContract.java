package com.acme;

import com.acme.shipping.v1.ParcelShipped;
import io.hermes.contract.TopicProto;

/** Fails if the generated class does not carry its contract. */
public final class ShowContract {

  private ShowContract() {}

  public static void main(String[] args) {
    String topic = ParcelShipped.getDescriptor().getOptions().getExtension(TopicProto.topic).getName();
    if (!topic.equals("parcels.shipped")) {
      throw new AssertionError(topic);
    }
    System.out.println("Topic: " + topic);
  }
}
