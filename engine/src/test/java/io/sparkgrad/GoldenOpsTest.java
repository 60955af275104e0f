package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Values, gradients and second-order products of PyTorch. A case finds its method by name and by
 * the names of its arguments, so a new op is covered as soon as {@link Tensor} has it.
 */
class GoldenOpsTest {

  /** Where the inputs lie. */
  Device device() {
    return Device.CPU;
  }

  @Test
  void opsGiveTheNumbersOfPyTorch() {
    int compared = 0;
    Map<String, Integer> missing = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (JsonNode c : Goldens.ops()) {
      GoldenCase.Call call = GoldenCase.find(c);
      if (call == null) {
        missing.merge(c.get("op").asText() + c.get("args"), 1, Integer::sum);
        continue;
      }
      compared++;
      try {
        List<String> differences = GoldenCase.differences(c, call, device());
        if (!differences.isEmpty())
          wrong.add(c.get("op").asText() + c.get("args") + ": " + differences);
      } catch (AssertionError | RuntimeException e) {
        wrong.add(c.get("op").asText() + c.get("args") + ": " + e);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "goldens: %d op cases compared; no method yet for %s%n",
        compared,
        missing.keySet());
    assertTrue(wrong.isEmpty(), () -> wrong.size() + " cases differ:\n" + String.join("\n", wrong));
    Set<String> registered = Ops.ALL.stream().map(Op::name).collect(Collectors.toSet());
    List<String> forgotten =
        missing.keySet().stream()
            .filter(c -> registered.contains(c.substring(0, c.indexOf('{'))))
            .toList();
    assertEquals(List.of(), forgotten, "cases of registered ops that found no method");
    assertTrue(compared > 100, "only " + compared + " cases found their method");
  }
}
