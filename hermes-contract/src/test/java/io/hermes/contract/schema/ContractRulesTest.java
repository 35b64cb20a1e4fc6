package io.hermes.contract.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ContractRulesTest {

  private static final SchemaSet WRONG = SchemaSet.parse(TestSchemas.bytes("/wrong-schemas.binpb"));

  @Test
  void eachWrongSchemaIsToldWhatToChange() throws Exception {
    List<String> expected = Files.readAllLines(TestSchemas.path("/wrong-schemas.txt"));

    assertThat(ContractRules.check(WRONG))
        .extracting(Finding::toString)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void onlyTheRightOnesPass() {
    Set<String> found =
        ContractRules.check(WRONG).stream().map(Finding::message).collect(Collectors.toSet());

    assertThat(WRONG.events())
        .extracting(Descriptor::getFullName)
        .filteredOn(name -> !found.contains(name))
        .containsExactly(
            "wrong.v1.SharedOpenly",
            "wrong.v1.SharedFirst",
            "wrong.v1.WithDots",
            "wrong.v1.Right",
            "wrong.v1.OtherId");
  }

  @Test
  void aPlainValueOfTheRefusedSchemaReallyStartsLikeAZstdFrame() {
    Descriptor likeZstd = WRONG.message("wrong.v1.LikeZstd").orElseThrow();
    byte[] value =
        DynamicMessage.newBuilder(likeZstd)
            .setField(likeZstd.findFieldByNumber(5), 6069)
            .setField(likeZstd.findFieldByNumber(47), 1)
            .build()
            .toByteArray();

    assertThat(value).startsWith(0x28, 0xB5, 0x2F, 0xFD);
  }

  @Test
  void theCommandPrintsWhatItFindsAndFails() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    int exit = check(out, TestSchemas.path("/wrong-schemas.binpb").toString());

    assertThat(exit).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("ERROR wrong.v1.BooleanKey: key_field \"active\" is of type bool;")
        .contains("WARNING wrong.v1.NoId: has no id;");
  }

  @Test
  void theCommandPassesASetWithoutEvents() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    int exit = check(out, TestSchemas.path("/META-INF/hermes/hermes-contract.binpb").toString());

    assertThat(exit).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("Checked 0 contracts: 0 errors.");
  }

  @Test
  void theCommandSaysWhatIsWrongWithItsArgument() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    assertThat(check(out)).isEqualTo(2);
    assertThat(check(out, Path.of("missing.binpb").toString())).isEqualTo(2);
    assertThat(check(out, TestSchemas.path("/no-descriptor-set.txt").toString())).isEqualTo(2);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("Pass one argument")
        .contains("Cannot read missing.binpb")
        .contains("These bytes are not a descriptor set");
  }

  private static int check(ByteArrayOutputStream out, String... args) {
    PrintStream both = new PrintStream(out, true, StandardCharsets.UTF_8);
    return ContractCheck.run(args, both, both);
  }
}
