package io.hermes.cli.broker;

import io.hermes.HermesException;
import io.hermes.kafka.AdminClients;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.resource.ResourcePatternFilter;

/**
 * Reads and creates the ACLs of programs on a cluster. Every operation ends within the open
 * timeout.
 */
final class ProgramAcls implements AutoCloseable {

  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final KafkaSettings settings;
  private final Admin admin;
  private final long deadlineNs;

  /**
   * Compares what a program needs with what it has.
   *
   * @param extra ACLs that it has but does not need
   */
  record Comparison(Set<AclBinding> same, Set<AclBinding> missing, Set<AclBinding> extra) {}

  private ProgramAcls(KafkaSettings settings) {
    this.settings = settings;
    this.deadlineNs = System.nanoTime() + settings.openTimeout().toNanos();
    this.admin = settings.clients().admin(settings.adminProperties(Map.of()));
  }

  static ProgramAcls connect(KafkaSettings settings) {
    TopicAdmin.connect(settings).close(); // has a better error message if no broker responds
    return new ProgramAcls(settings);
  }

  Comparison compare(Program program) {
    Set<AclBinding> needed = program.acls(true);
    Set<AclBinding> present = present(program.principal());
    return new Comparison(
        both(needed, present), without(needed, present), without(present, needed));
  }

  /** Creates ACLs, and waits until the brokers report them. */
  void create(Set<AclBinding> acls) {
    if (acls.isEmpty()) {
      return;
    }
    await(admin.createAcls(acls).all());
    String principal = acls.iterator().next().entry().principal();
    while (!present(principal).containsAll(acls)) {
      LockSupport.parkNanos(RETRY_NS);
    }
  }

  /**
   * The program's ACLs, sorted by operation, because brokers return them in no particular order.
   */
  private Set<AclBinding> present(String principal) {
    AclBindingFilter ofPrincipal =
        new AclBindingFilter(
            ResourcePatternFilter.ANY,
            new AccessControlEntryFilter(principal, null, AclOperation.ANY, AclPermissionType.ANY));
    return await(admin.describeAcls(ofPrincipal).values()).stream()
        .sorted(Comparator.comparing(acl -> acl.entry().operation()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Set<AclBinding> both(Set<AclBinding> one, Set<AclBinding> other) {
    Set<AclBinding> both = new LinkedHashSet<>(one);
    both.retainAll(other);
    return both;
  }

  private static Set<AclBinding> without(Set<AclBinding> all, Set<AclBinding> those) {
    Set<AclBinding> rest = new LinkedHashSet<>(all);
    rest.removeAll(those);
    return rest;
  }

  private <T> T await(KafkaFuture<T> future) {
    String where = settings.bootstrapServers();
    try {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
      return AdminClients.await(future, leftMs, where, null);
    } catch (HermesException e) {
      if (e.getCause() instanceof SecurityDisabledException) {
        throw new HermesException(
            "The brokers at "
                + where
                + " have no authorizer, so everyone may do everything and ACLs have no effect.",
            "Set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer"
                + " and super.users on every broker and controller.",
            e.getCause());
      }
      throw e;
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
