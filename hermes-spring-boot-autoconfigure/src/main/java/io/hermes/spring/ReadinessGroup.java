package io.hermes.spring;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.health.actuate.endpoint.AdditionalHealthEndpointPath;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Adds Hermes to the readiness health group, which load balancers and Kubernetes query, unless a
 * property defines the group's members.
 */
@Order(Ordered.LOWEST_PRECEDENCE) // after Spring Boot has added the group itself
final class ReadinessGroup implements HealthEndpointGroupsPostProcessor {

  private static final String READINESS = "readiness";
  private static final String PROPERTIES = "management.endpoint.health.group.readiness.";

  private final boolean decided;

  ReadinessGroup(Environment environment) {
    this.decided =
        Stream.of("include", "include[0]", "exclude", "exclude[0]")
            .anyMatch(name -> environment.containsProperty(PROPERTIES + name));
  }

  @Override
  public HealthEndpointGroups postProcessHealthEndpointGroups(HealthEndpointGroups groups) {
    if (decided || !groups.getNames().contains(READINESS)) {
      return groups;
    }
    Map<String, HealthEndpointGroup> changed = new LinkedHashMap<>();
    for (String name : groups.getNames()) {
      HealthEndpointGroup group = groups.get(name);
      if (group != null) {
        changed.put(
            name, name.equals(READINESS) ? new WithHermes(group, groups.getPrimary()) : group);
      }
    }
    return HealthEndpointGroups.of(groups.getPrimary(), changed);
  }

  /**
   * A group with Hermes as a member. It shows the same details as the application's overall health;
   * Spring Boot's own group never shows which component is down.
   */
  private record WithHermes(HealthEndpointGroup group, HealthEndpointGroup primary)
      implements HealthEndpointGroup {

    @Override
    public boolean isMember(String name) {
      return name.equals(HermesHealth.NAME)
          || name.startsWith(HermesHealth.NAME + "/")
          || group.isMember(name);
    }

    @Override
    public boolean showComponents(SecurityContext securityContext) {
      return primary.showComponents(securityContext);
    }

    @Override
    public boolean showDetails(SecurityContext securityContext) {
      return primary.showDetails(securityContext);
    }

    @Override
    public StatusAggregator getStatusAggregator() {
      return group.getStatusAggregator();
    }

    @Override
    public HttpCodeStatusMapper getHttpCodeStatusMapper() {
      return group.getHttpCodeStatusMapper();
    }

    @Override
    public @Nullable AdditionalHealthEndpointPath getAdditionalPath() {
      return group.getAdditionalPath();
    }
  }
}
