package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Ids that no two producers share, and whose owner a prefixed ACL finds. */
class TransactionalIdsTest {

  @Test
  void twoOfOneOwnerAreDifferentAndBeginAlike() {
    String one = TransactionalIds.create("staging.billing", "pipe");
    String other = TransactionalIds.create("staging.billing", "pipe");
    assertThat(one).startsWith("staging.billing-pipe-").hasSize(57).isNotEqualTo(other);
    assertThat(other).startsWith("staging.billing-pipe-").hasSize(57);
  }
}
