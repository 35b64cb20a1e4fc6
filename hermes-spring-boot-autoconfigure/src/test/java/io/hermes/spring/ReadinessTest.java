package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

/** What a load balancer asks depends on Hermes, and says why it is down. */
class ReadinessTest {

  private final WebApplicationContextRunner service =
      new WebApplicationContextRunner()
          .withPropertyValues(
              "spring.kafka.bootstrap-servers=localhost:1",
              "management.endpoints.web.exposure.include=health")
          .withConfiguration(
              AutoConfigurations.of(
                  ApplicationAvailabilityAutoConfiguration.class,
                  EndpointAutoConfiguration.class,
                  HealthEndpointAutoConfiguration.class,
                  AvailabilityProbesAutoConfiguration.class,
                  HealthContributorRegistryAutoConfiguration.class,
                  HermesAutoConfiguration.class,
                  HermesHealthAutoConfiguration.class));

  private static HealthEndpointGroup group(HealthEndpointGroups groups, String name) {
    return Objects.requireNonNull(groups.get(name), name);
  }

  @Test
  void readinessDependsOnHermesAndLivenessDoesNot() {
    service.run(
        context -> {
          HealthEndpointGroups groups = context.getBean(HealthEndpointGroups.class);
          assertThat(group(groups, "readiness").isMember("hermes")).isTrue();
          assertThat(group(groups, "readiness").isMember("readinessState")).isTrue();
          assertThat(group(groups, "readiness").isMember("db")).isFalse();
          assertThat(group(groups, "liveness").isMember("hermes")).isFalse();
          assertThat(group(groups, "readiness").showDetails(SecurityContext.NONE)).isFalse();
        });
  }

  @Test
  void readinessShowsWhatHealthShows() {
    service
        .withPropertyValues("management.endpoint.health.show-details=always")
        .run(
            context -> {
              HealthEndpointGroup readiness =
                  group(context.getBean(HealthEndpointGroups.class), "readiness");
              assertThat(readiness.showDetails(SecurityContext.NONE)).isTrue();
              assertThat(readiness.showComponents(SecurityContext.NONE)).isTrue();
            });
  }

  @Test
  void aGroupThatTheApplicationDefinesIsLeftAlone() {
    service
        .withPropertyValues(
            "management.endpoint.health.validate-group-membership=false",
            "management.endpoint.health.group.readiness.include=readinessState")
        .run(
            context ->
                assertThat(
                        group(context.getBean(HealthEndpointGroups.class), "readiness")
                            .isMember("hermes"))
                    .isFalse());
  }
}
