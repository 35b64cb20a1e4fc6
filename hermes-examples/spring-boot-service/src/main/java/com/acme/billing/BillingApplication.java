package com.acme.billing;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Writes a bill for each user event. The broker comes from spring.kafka.bootstrap-servers, or else
 * from KAFKA_BROKER and the security variables.
 */
@SpringBootApplication
public class BillingApplication {

  /** Runs until SIGTERM. */
  public static void main(String[] args) {
    SpringApplication.run(BillingApplication.class, args);
  }
}
