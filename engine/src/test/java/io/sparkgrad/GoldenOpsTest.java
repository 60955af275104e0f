package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values, gradients and second-order products of PyTorch. A case finds its method by name and by
 * the names of its arguments, so a new op is covered as soon as {@link Tensor} has it.
 */
class GoldenOpsTest {

  /** Where the inputs lie. */
  Device device() {
    return Device.CPU;
  }

  static Stream<Arguments> cases() {
    return StreamSupport.stream(Goldens.ops().spliterator(), false)
        .filter(c -> GoldenCase.find(c) != null)
        .map(c -> Arguments.of(Named.of(title(c), c)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesTheNumbersOfPyTorch(JsonNode c) {
    assertEquals(List.of(), GoldenCase.differences(c, GoldenCase.find(c), device()));
  }

  @Test
  void everyCaseOfARegisteredOpFindsItsMethod() {
    Set<String> registered = Ops.ALL.stream().map(Op::name).collect(Collectors.toSet());
    List<String> forgotten =
        StreamSupport.stream(Goldens.ops().spliterator(), false)
            .filter(c -> registered.contains(c.get("op").asText()) && GoldenCase.find(c) == null)
            .map(GoldenOpsTest::title)
            .toList();
    assertEquals(List.of(), forgotten);
  }

  private static String title(JsonNode c) {
    return c.get("op").asText() + c.get("args");
  }
}
