package com.acme.billing;

import io.hermes.events.v1.UserEvent;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The bills that were written. */
public class Bills {

  private final BlockingQueue<String> users = new LinkedBlockingQueue<>();

  void write(UserEvent event) {
    users.add(event.getUserId());
  }

  /** Whom a bill was written for, the oldest first. */
  public BlockingQueue<String> users() {
    return users;
  }
}
