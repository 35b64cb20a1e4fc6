package io.hermes.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.autoconfigure.OverrideAutoConfiguration;
import org.springframework.boot.test.context.filter.annotation.TypeExcludeFilters;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.core.annotation.AliasFor;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Tests the publishers and listeners of an application against a real broker, without the rest of
 * the application.
 *
 * <pre>{@code
 * @HermesTest
 * class BillingTest {
 *
 *   @Autowired HermesPublisher<UserEvent> publisher;
 *   @MockitoBean Bills bills;
 *
 *   @Test
 *   void billsWhoRegisters() {
 *     publisher.publishAndWait(event, Duration.ofSeconds(10));
 *     verify(bills, timeout(10_000)).add("user-123");
 *   }
 * }
 * }</pre>
 *
 * <p>The context contains Hermes' auto-configuration and, of the application's components, those
 * with {@link io.hermes.spring.HermesListener} methods and those that are a {@link
 * io.hermes.subscribe.Handler}, {@link io.hermes.subscribe.AsyncHandler}, {@link
 * io.hermes.subscribe.BatchHandler} or {@link io.hermes.subscribe.PipeHandler}. Replace their
 * dependencies in the test, or add them with {@code @Import}. For handlers that are {@code @Bean}
 * methods of a configuration class, {@code @Import} that class as well. The broker is that of
 * {@link AutoConfigureEmbeddedKafka}.
 *
 * <p>For the whole application, use {@code @SpringBootTest} with {@link
 * AutoConfigureEmbeddedKafka}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@BootstrapWith(HermesTestContextBootstrapper.class)
@ExtendWith(SpringExtension.class)
@OverrideAutoConfiguration(enabled = false)
@TypeExcludeFilters(HermesTypeExcludeFilter.class)
@AutoConfigureEmbeddedKafka
@ImportAutoConfiguration
public @interface HermesTest {

  /** Properties of the environment, each as {@code name=value}. */
  String[] properties() default {};

  /**
   * Whether to include listeners and handlers. If false, only components that a filter includes are
   * added.
   */
  boolean useDefaultFilters() default true;

  /** Components to add. */
  Filter[] includeFilters() default {};

  /** Components to exclude. */
  Filter[] excludeFilters() default {};

  /** Auto-configurations to exclude. */
  @AliasFor(annotation = ImportAutoConfiguration.class, attribute = "exclude")
  Class<?>[] excludeAutoConfiguration() default {};
}
