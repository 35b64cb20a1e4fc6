package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

/** What a load balancer asks depends on Hermes, and says why it is down. */
class ReadinessTest {

  private static final String[] EUROPE = {"publisher-eu", "billing-eu"};

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

  /** The names of the components of a component or group. */
  private static Set<String> components(@Nullable HealthDescriptor health) {
    Map<String, HealthDescriptor> found =
        health instanceof CompositeHealthDescriptor composite ? composite.getComponents() : null;
    return found == null ? Set.of() : found.keySet();
  }

  @Test
  void readinessDependsOnHermesAndLivenessDoesNot() {
    service.run(
        context -> {
          HealthEndpointGroups groups = context.getBean(HealthEndpointGroups.class);
          assertThat(group(groups, "readiness").isMember("hermes")).isTrue();
          assertThat(group(groups, "readiness").isMember("readinessState")).isTrue();
          assertThat(group(groups, "readiness").isMember("db")).isFalse();
          assertThat(group(groups, "readiness").isMember("hermesOutbox")).isFalse();
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

  static class Service {
    Service(@HermesCluster("eu") HermesPublisher<UserEvent> publisher) {}

    @HermesListener(group = "billing", cluster = "eu")
    void listen(UserEvent event) {}
  }

  @Test
  void aClusterThatDoesNotMatterForReadinessIsExcluded() {
    service
        .withBean(Service.class)
        .withPropertyValues(
            "hermes.clusters.eu.bootstrap-servers=localhost:1",
            "management.endpoint.health.validate-group-membership=false",
            "management.endpoint.health.group.readiness.include=readinessState,hermes",
            "management.endpoint.health.group.readiness.exclude="
                + "hermes/publisher-eu,hermes/billing-eu")
        .run(
            context -> {
              HealthEndpoint health = context.getBean(HealthEndpoint.class);
              CompositeHealthDescriptor readiness =
                  (CompositeHealthDescriptor)
                      Objects.requireNonNull(health.healthForPath("readiness"));
              assertThat(components(readiness)).contains("readinessState");
              assertThat(Objects.requireNonNull(readiness.getComponents()))
                  .satisfies(
                      found -> assertThat(components(found.get("hermes"))).doesNotContain(EUROPE));
              assertThat(components(health.healthForPath("hermes"))).contains(EUROPE);
            });
  }

  @Test
  void anExclusionAloneIsRespected() {
    service
        .withPropertyValues("management.endpoint.health.group.readiness.exclude=hermes")
        .run(
            context ->
                assertThat(
                        group(context.getBean(HealthEndpointGroups.class), "readiness")
                            .isMember("hermes"))
                    .isFalse());
  }
}
