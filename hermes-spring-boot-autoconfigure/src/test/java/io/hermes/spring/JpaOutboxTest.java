package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.PersistenceContext;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.annotation.Transactional;

/** Outbox and inbox take part in the transactions of JPA. */
@KafkaTest
@Timeout(180)
@Tag("slow")
class JpaOutboxTest {

  /** A row. */
  @Entity(name = "member")
  public static class Member {
    @Id private String name;

    protected Member() {
      this("");
    }

    Member(String name) {
      this.name = name;
    }

    String name() {
      return name;
    }
  }

  /** A service on JPA. */
  public static class Members {
    private final TransactionalOutbox outbox;

    @PersistenceContext private EntityManager entities;

    @SuppressWarnings("NullAway.Init") // Spring sets it
    Members(TransactionalOutbox outbox) {
      this.outbox = outbox;
    }

    @Transactional
    public void join(String name, boolean fails) {
      entities.persist(new Member(name));
      outbox.publish(Databases.event(name));
      if (fails) {
        throw new IllegalStateException("rolled back");
      }
    }

    @HermesListener(group = "welcome", once = true)
    public void welcome(UserEvent event) {
      entities.persist(new Member("welcome " + event.getUserId()));
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Persistence {

    @Bean
    LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource source) {
      LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
      factory.setDataSource(source);
      factory.setManagedTypes(PersistenceManagedTypes.of(Member.class.getName()));
      factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
      factory.setJpaPropertyMap(Map.of("hibernate.hbm2ddl.auto", "create"));
      return factory;
    }

    @Bean
    JpaTransactionManager transactionManager(EntityManagerFactory factory) {
      return new JpaTransactionManager(factory);
    }
  }

  @Test
  void anEntityAndItsEventAreOneTransactionAndAnEventHasOneEntity(Kafka kafka) {
    String prefix = UUID.randomUUID() + ".";
    Databases.with(Services.on(kafka, prefix))
        .withUserConfiguration(Persistence.class)
        .withBean(Members.class)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              Members members = context.getBean(Members.class);
              assertThatThrownBy(() -> members.join("a", true)).hasMessage("rolled back");
              members.join("b", false);

              var names =
                  context
                      .getBean(JdbcClient.class)
                      .sql("SELECT name FROM member")
                      .query(String.class);
              Services.await("the event is handled", () -> names.list().size() == 2);
              assertThat(names.list()).containsExactlyInAnyOrder("b", "welcome b");
              assertThat(Databases.users(kafka, prefix)).containsExactly("b");
            });
  }
}
