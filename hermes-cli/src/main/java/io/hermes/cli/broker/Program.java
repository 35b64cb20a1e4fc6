package io.hermes.cli.broker;

import io.hermes.subscribe.DeadLetterHeaders;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A program, what it does with which topics, and the ACLs that it needs, as listed in {@code
 * docs/security.md}.
 *
 * @param name the user that it logs in as
 * @param groups the groups of its subscribers
 * @param transactions the prefixes of its transactional ids
 */
record Program(
    String name,
    List<String> publish,
    List<String> subscribe,
    List<String> read,
    List<String> groups,
    List<String> transactions) {

  /** By type, topics first, then by name. */
  static final Comparator<ResourcePattern> ORDER =
      Comparator.comparing(ResourcePattern::resourceType)
          .thenComparing(ResourcePattern::name)
          .thenComparing(ResourcePattern::patternType);

  String principal() {
    return "User:" + name;
  }

  /**
   * The ACLs that it needs.
   *
   * @param createDeadLetterTopics whether a subscriber creates a missing dead-letter topic
   */
  Set<AclBinding> acls(boolean createDeadLetterTopics) {
    Set<AclBinding> acls = new LinkedHashSet<>();
    for (String topic : publish) {
      add(acls, ResourceType.TOPIC, topic, AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS);
    }
    for (String topic : subscribe) {
      String letters = DeadLetterHeaders.topicOf(topic);
      add(acls, ResourceType.TOPIC, topic, AclOperation.READ, AclOperation.DESCRIBE_CONFIGS);
      add(acls, ResourceType.TOPIC, letters, AclOperation.WRITE);
      if (createDeadLetterTopics) {
        add(acls, ResourceType.TOPIC, letters, AclOperation.CREATE);
      }
    }
    for (String topic : read) {
      add(acls, ResourceType.TOPIC, topic, AclOperation.READ);
    }
    if (!subscribe.isEmpty()) {
      groups.forEach(group -> add(acls, ResourceType.GROUP, group, AclOperation.READ));
    }
    for (String prefix : transactions) {
      add(
          acls,
          new ResourcePattern(ResourceType.TRANSACTIONAL_ID, prefix, PatternType.PREFIXED),
          AclOperation.WRITE,
          AclOperation.DESCRIBE);
    }
    return acls;
  }

  private void add(
      Set<AclBinding> acls, ResourceType type, String name, AclOperation... operations) {
    add(acls, new ResourcePattern(type, name, PatternType.LITERAL), operations);
  }

  private void add(Set<AclBinding> acls, ResourcePattern resource, AclOperation... operations) {
    for (AclOperation operation : operations) {
      acls.add(
          new AclBinding(
              resource,
              new AccessControlEntry(principal(), "*", operation, AclPermissionType.ALLOW)));
    }
  }

  /** The operations on one resource, in the notation of Kafka's tools and Strimzi. */
  static List<String> operations(Set<AclBinding> acls, ResourcePattern resource) {
    return acls.stream()
        .filter(acl -> acl.pattern().equals(resource))
        .map(acl -> word(acl.entry().operation().name()))
        .toList();
  }

  /** The resources of ACLs. */
  static List<ResourcePattern> resources(Set<AclBinding> acls) {
    return acls.stream().map(AclBinding::pattern).distinct().sorted(ORDER).toList();
  }

  /** Converts a constant such as DESCRIBE_CONFIGS to DescribeConfigs. */
  static String word(String constant) {
    return Stream.of(constant.split("_"))
        .map(part -> part.charAt(0) + part.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
