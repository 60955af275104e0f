package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values, gradients and the second order where operations are not smooth, as PyTorch has them: at
 * thresholds, zeros, ties, infinities and NaN, and of no elements. {@code goldens/subgradients.py}
 * says where.
 */
class GoldenSubgradientsTest {

  /** Where the inputs lie. */
  Device device() {
    return Device.CPU;
  }

  static Stream<Named<JsonNode>> cases() {
    return StreamSupport.stream(Goldens.read("subgradients.json").get("cases").spliterator(), false)
        .map(c -> Named.of(title(c), c));
  }

  private static String title(JsonNode c) {
    JsonNode x = c.get("inputs").get(0);
    return c.get("op").asText() + c.get("args") + x.get("dtype").asText() + x.get("shape");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aPointWithoutADerivativeHasTheNumbersOfPyTorch(JsonNode c) {
    GoldenCase.Call call = GoldenCase.find(c);
    assertNotNull(call, () -> "no method for " + title(c));
    try (TensorScope scope = TensorScope.open()) {
      assertEquals(List.of(), GoldenCase.differences(c, call, device()));
    }
  }
}
