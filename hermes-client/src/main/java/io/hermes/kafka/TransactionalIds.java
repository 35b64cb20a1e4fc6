package io.hermes.kafka;

import java.util.UUID;

/**
 * Transactional ids that identify their owner and are unique: {@code <owner>-<role>-<random>}. Two
 * instances of a service therefore never fence each other, and a restarted instance never fences
 * one that is still running. A producer that replaces another one in the same process keeps the id,
 * so that the brokers fence the old one. If an instance dies, the coordinator aborts its open
 * transaction after {@code transaction.timeout.ms}. Grant permissions for one owner with a prefixed
 * ACL. Stateless.
 */
public final class TransactionalIds {

  private TransactionalIds() {}

  /**
   * A new transactional id.
   *
   * @param owner the full group name, or the prefix of the client ids
   * @param role what the producer does, such as {@code transactions} or {@code pipe}
   * @return an id that no other producer has
   */
  public static String create(String owner, String role) {
    return owner + "-" + role + "-" + UUID.randomUUID();
  }
}
